import { Button, Group, NativeSelect, Select } from '@mantine/core';
import { TriangleAlert, Undo2 } from 'lucide-react';
import { useMemo } from 'react';
import {
  bulkHeader,
  mappedColumns,
  type ColumnMapping,
  type FieldMapping,
  type MappingReason,
  type MappingTarget,
} from '../../shared/domain/field-mapping.ts';
import { fieldNamed, isMatchField, isRequiredOnCreate, type SObjectDescribe } from '../../shared/domain/sobject.ts';
import { mappingIssueText } from '../../shared/text/mapping-issue-text.ts';
import { failureOf, useCall } from '../backend/backend-context.tsx';
import { TypeIcon, typeName } from '../components/column-type.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import type { StepProps } from '../wizard/use-load-parts.ts';
import { columnLabel, plural } from '../../shared/text/counts.ts';

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

/** Which field each column fills, why, and what the match is made by. */
export function MappingStep({ draft, dispatch, parts }: Omit<StepProps, 'nonce' | 'org'>) {
  const { mapping, sourceId } = draft;
  const { source, describe, checks } = parts;
  const glances = useCall('source.glance', sourceId ? { sourceId } : null, { keep: true });
  const options = useMemo(() => (describe && mapping ? fieldOptions(describe, mapping) : []), [describe, mapping]);
  if (!mapping || !source || !describe) return null;

  const change = (change: Partial<FieldMapping>) =>
    dispatch({ kind: 'mapping-changed', mapping: { ...mapping, ...change } });
  const changeColumn = (column: number, next: Partial<ColumnMapping>) =>
    change({ columns: mapping.columns.map((one) => (one.column === column ? { ...one, ...next } : one)) });
  const issues = checks.data?.mappingIssues ?? [];
  const blocks = issues.filter(({ level }) => level === 'block');
  const mapped = mappedColumns(mapping).length;
  const matchFields = describe.fields.filter((field) =>
    mapping.operation === 'upsert' ? isMatchField(field) : field.type === 'id',
  );

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {mapped} of {plural(mapping.columns.length, 'column')} mapped to {describe.label}
            </h2>
            <p className="lead">
              Each column shows the field it fills and why it was chosen. Change any; your choice is remembered for
              files with these headers.
            </p>
          </div>
          <Button
            variant="default"
            size="compact-md"
            leftSection={<Undo2 size={15} aria-hidden />}
            disabled={draft.undo.length === 0}
            onClick={() => dispatch({ kind: 'mapping-undone' })}
          >
            Undo
          </Button>
        </header>
        {checks.error && <FailurePanel failure={failureOf(checks.error)} />}
        <div className="notices">
          {issues.map((issue, index) => (
            <div key={index} className="notice" data-tone={issue.level === 'block' ? 'blocked' : 'warning'}>
              <TriangleAlert size={16} aria-hidden />
              <span>{mappingIssueText(issue)}</span>
            </div>
          ))}
        </div>
        <Group align="flex-end">
          {mapping.operation !== 'insert' && (
            <NativeSelect
              label="Match records by"
              value={mapping.matchField ?? ''}
              data={matchFields.map((field) => ({ value: field.name, label: `${field.label} (${field.name})` }))}
              onChange={(event) => change({ matchField: event.currentTarget.value })}
            />
          )}
          {mapping.operation !== 'insert' && mapping.operation !== 'delete' && (
            <NativeSelect
              label="A blank cell means"
              value={mapping.blankValues}
              data={[
                { value: 'leave', label: 'leave the field as it is' },
                { value: 'clear', label: 'clear the field' },
              ]}
              onChange={(event) => change({ blankValues: event.currentTarget.value as FieldMapping['blankValues'] })}
            />
          )}
          {mapping.operation !== 'insert' && (
            <NativeSelect
              label="Rows with one match value but other data"
              value={mapping.duplicateKeys}
              data={[
                { value: 'ask', label: 'stay home' },
                { value: 'first', label: 'use the first' },
                { value: 'last', label: 'use the last' },
              ]}
              onChange={(event) =>
                change({ duplicateKeys: event.currentTarget.value as FieldMapping['duplicateKeys'] })
              }
            />
          )}
        </Group>
        <div className="panel" style={{ padding: 0, overflowX: 'auto' }}>
          <table className="list">
            <thead>
              <tr>
                <th>Column</th>
                <th>Values</th>
                <th>Field</th>
                <th>Type</th>
                <th>Why</th>
              </tr>
            </thead>
            <tbody>
              {mapping.columns.map((column) => {
                const name = columnLabel(source.columns[column.column]?.name, column.column);
                const field = column.target.kind === 'ignored' ? undefined : fieldNamed(describe, column.target.field);
                const profile = glances.data?.[column.column];
                return (
                  <tr key={column.column} data-unmapped={column.target.kind === 'ignored'}>
                    <td className="name">
                      <strong>{name}</strong>
                      {profile && profile.blank > 0 && (
                        <div className="reason">{percentBlank(profile.blank, parts.rows)} blank</div>
                      )}
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
                            : options
                        }
                        onChange={(value) =>
                          changeColumn(column.column, {
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
              })}
            </tbody>
          </table>
        </div>
      </div>
      <div className="actions">
        <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'source' } })}>
          Back
        </Button>
        <Button
          disabled={blocks.length > 0 || checks.isFetching || checks.data === undefined}
          loading={checks.isFetching}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } })}
        >
          See the checks of {plural(parts.rows ?? 0, 'row')}
        </Button>
      </div>
    </>
  );
}

function percentBlank(blank: number, rows: number | null): string {
  const share = rows ? (blank / rows) * 100 : 0;
  return share < 1 ? 'under 1 %' : `${Math.round(share)} %`;
}

function toTarget(value: string | null, before: MappingTarget): MappingTarget {
  if (value === null) return { kind: 'ignored' };
  if (before.kind === 'lookup' && bulkHeader(before) === value) return before;
  return { kind: 'field', field: value };
}

function fieldOptions(describe: SObjectDescribe, mapping: FieldMapping): { value: string; label: string }[] {
  return describe.fields
    .filter(
      (field) =>
        field.type !== 'address' &&
        field.type !== 'location' &&
        (field.createable || field.updateable || (field.type === 'id' && mapping.operation !== 'insert')),
    )
    .map((field) => ({ value: field.name, label: `${field.label} (${field.name})` }));
}
