import { Group } from '@mantine/core';
import { memo, useCallback, useEffect } from 'react';
import { bulkHeader, type ColumnMapping, type MappingReason } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { ColumnGlance } from '../../../shared/domain/source-file.ts';
import { TypeIcon, typeName } from '../../components/column-type.tsx';
import { ColumnMenu } from './column-menu.tsx';
import { FieldBadges } from './field-badges.tsx';
import { fieldBadges, toTarget, type FieldOption } from './field-options.ts';
import { FieldPicker } from './field-picker.tsx';
import type { ColumnActions } from './use-column-actions.ts';

const REASONS: Record<MappingReason, string> = {
  saved: 'as last time',
  file: 'from the mapping file',
  name: 'same API name',
  label: 'same label',
  synonym: 'common name for this field',
  relationship: 'lookup by external ID',
  content: 'from its values',
  chosen: 'your choice',
  'result-column': 'from a result file',
  'read-only': 'set by Salesforce',
  'repeated-header': 'another column has this name',
  'no-match': 'no matching field',
};

interface ColumnRowProps {
  readonly column: ColumnMapping;
  readonly name: string;
  /** Its place in the table, from 1: not every row is in the document. */
  readonly place: number;
  /** What the column is made of; empty for one of the file. */
  readonly madeOf: string;
  readonly profile: ColumnGlance | undefined;
  readonly rows: number | null;
  readonly describe: SObjectDescribe;
  readonly purpose: Parameters<typeof fieldBadges>[1];
  readonly options: readonly FieldOption[];
  readonly busy: boolean;
  readonly isNew: boolean;
  readonly actions: ColumnActions;
}

/** One column: its values, the field it fills, and why. */
export const ColumnRow = memo(function ColumnRow(props: ColumnRowProps) {
  const { column, name, madeOf, profile, rows, describe, purpose, options, isNew, actions } = props;
  const { target } = column;
  const field = target.kind === 'ignored' ? undefined : fieldNamed(describe, target.field);
  const choose = useCallback(
    (value: string | null) =>
      actions.change(column.column, {
        target: toTarget(value, column.target),
        reason: 'chosen',
        format: {},
        replacements: {},
        fixes: [],
      }),
    [actions, column.column, column.target],
  );
  useEffect(() => {
    if (isNew) actions.arrived();
  }, [isNew, actions]);
  return (
    <tr data-unmapped={target.kind === 'ignored'} aria-rowindex={props.place}>
      <td className="name">
        <strong className="column-name" title={name}>
          <bdi>{name}</bdi>
        </strong>
        {madeOf !== '' && <div className="reason whole">{madeOf}</div>}
        {profile && profile.blank > 0 && <div className="reason">{percentBlank(profile.blank, rows)} blank</div>}
      </td>
      <td className="sample value">{(profile?.examples ?? []).join(' · ')}</td>
      <td className="filled">
        <FieldPicker
          label={`Field for ${name}`}
          target={target}
          options={options}
          autoFocus={isNew}
          disabled={props.busy}
          choose={choose}
        />
      </td>
      <td>
        {field && (
          <>
            <Group gap={6} wrap="nowrap">
              <TypeIcon type={field.type} />
              <span className="reason">{typeName(field)}</span>
            </Group>
            <FieldBadges badges={fieldBadges(field, purpose)} />
          </>
        )}
        {!field && target.kind !== 'ignored' && (
          <span className="field-badge" data-tone="blocked">
            no {bulkHeader(target)} in this org
          </span>
        )}
      </td>
      <td className="reason whole">{REASONS[column.reason]}</td>
      <td>
        <ColumnMenu column={column.column} name={name} isMade={madeOf !== ''} busy={props.busy} actions={actions} />
      </td>
    </tr>
  );
});

function percentBlank(blank: number, rows: number | null): string {
  const share = rows ? (blank / rows) * 100 : 0;
  return share < 1 ? 'under 1%' : `${Math.round(share)}%`;
}
