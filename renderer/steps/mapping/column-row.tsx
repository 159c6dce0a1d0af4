import { Group, Select } from '@mantine/core';
import { bulkHeader, type ColumnMapping, type MappingReason } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, isRequiredOnCreate, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { ColumnGlance } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { TypeIcon, typeName } from '../../components/column-type.tsx';
import { toTarget, type FieldOption } from './field-options.ts';

const REASONS: Record<MappingReason, string> = {
  saved: 'as last time',
  name: 'same API name',
  label: 'same label',
  synonym: 'usual name for it',
  relationship: 'lookup by external ID',
  content: 'by its values',
  chosen: 'your choice',
  'result-column': 'from a result file',
  'read-only': 'Salesforce keeps it itself',
  'repeated-header': 'another column has this name',
  'no-match': 'no field like it',
};

interface ColumnRowProps {
  readonly column: ColumnMapping;
  readonly sourceName: string | undefined;
  readonly profile: ColumnGlance | undefined;
  readonly rows: number | null;
  readonly describe: SObjectDescribe;
  readonly options: readonly FieldOption[];
  readonly change: (next: Partial<ColumnMapping>) => void;
}

/** One column of the file: its values, the field it fills, and why. */
export function ColumnRow({ column, sourceName, profile, rows, describe, options, change }: ColumnRowProps) {
  const name = columnLabel(sourceName, column.column);
  const field = column.target.kind === 'ignored' ? undefined : fieldNamed(describe, column.target.field);
  return (
    <tr data-unmapped={column.target.kind === 'ignored'}>
      <td className="name">
        <strong>{name}</strong>
        {profile && profile.blank > 0 && <div className="reason">{percentBlank(profile.blank, rows)} blank</div>}
      </td>
      <td className="sample value">{(profile?.examples ?? []).join(' · ')}</td>
      <td style={{ minWidth: 260 }}>
        <Select
          aria-label={`Field for ${name}`}
          searchable
          clearable
          placeholder="Not loaded"
          nothingFoundMessage="No such field"
          value={column.target.kind === 'ignored' ? null : bulkHeader(column.target)}
          data={
            column.target.kind === 'lookup'
              ? [...options, { value: bulkHeader(column.target), label: bulkHeader(column.target) }]
              : [...options]
          }
          onChange={(value) =>
            change({
              target: toTarget(value, column.target),
              reason: 'chosen',
              format: {},
              replacements: {},
              fixes: [],
            })
          }
        />
      </td>
      <td>
        {field && (
          <Group gap={6} wrap="nowrap">
            <TypeIcon type={field.type} />
            <span className="reason">
              {typeName(field)}
              {isRequiredOnCreate(field) ? ' · required' : ''}
              {field.externalId ? ' · external ID' : ''}
            </span>
          </Group>
        )}
      </td>
      <td className="reason">{REASONS[column.reason]}</td>
    </tr>
  );
}

function percentBlank(blank: number, rows: number | null): string {
  const share = rows ? (blank / rows) * 100 : 0;
  return share < 1 ? 'under 1 %' : `${Math.round(share)} %`;
}
