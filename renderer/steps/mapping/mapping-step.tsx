import { Button } from '@mantine/core';
import { TriangleAlert, Undo2 } from 'lucide-react';
import { Fragment, useMemo } from 'react';
import { mappedColumns, type ColumnMapping, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { plural } from '../../../shared/text/counts.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { ColumnRow } from './column-row.tsx';
import { fieldOptions } from './field-options.ts';
import { LookupRow } from './lookup-row.tsx';
import { MappingOptions } from './mapping-options.tsx';

/** Which field each column fills, why, and what the match is made by. */
export function MappingStep({ draft, dispatch, parts }: Omit<StepProps, 'nonce' | 'org'>) {
  const { mapping, sourceId, orgId } = draft;
  const { source, describe, checks } = parts;
  const glances = useCall('source.glance', sourceId ? { sourceId } : null, { keep: true });
  const options = useMemo(() => (describe && mapping ? fieldOptions(describe, mapping) : []), [describe, mapping]);
  if (!mapping || !source || !describe || !sourceId || !orgId) return null;

  const change = (change: Partial<FieldMapping>) =>
    dispatch({ kind: 'mapping-changed', mapping: { ...mapping, ...change } });
  const changeColumn = (column: number, next: Partial<ColumnMapping>) =>
    change({ columns: mapping.columns.map((one) => (one.column === column ? { ...one, ...next } : one)) });
  const issues = checks.data?.mappingIssues ?? [];
  const blocks = issues.filter(({ level }) => level === 'block');
  const mapped = mappedColumns(mapping).length;
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
        <MappingOptions mapping={mapping} describe={describe} change={change} />
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
              {mapping.columns.map((column) => (
                <Fragment key={column.column}>
                  <ColumnRow
                    column={column}
                    sourceName={source.columns[column.column]?.name}
                    profile={glances.data?.[column.column]}
                    rows={parts.rows}
                    describe={describe}
                    options={options}
                    change={(next) => changeColumn(column.column, next)}
                  />
                  <LookupRow
                    orgId={orgId}
                    sourceId={sourceId}
                    mapping={mapping}
                    column={column}
                    columns={source.columns}
                    describe={describe}
                    change={(next) => changeColumn(column.column, next)}
                  />
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <div className="actions">
        <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'source' } })}>
          Back
        </Button>
        <Button
          data-primary
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
