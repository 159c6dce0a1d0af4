import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { Fragment, useMemo, useState } from 'react';
import { makerOf, withoutMadeBy } from '../../../shared/domain/made-columns.ts';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { ColumnGlance, SourceSummary } from '../../../shared/domain/source-file.ts';
import { madeOfText } from '../../../shared/text/cleaning-text.ts';
import { number } from '../../../shared/text/counts.ts';
import type { MappingHistory } from '../../wizard/use-mapping-history.ts';
import { ColumnRow } from './column-row.tsx';
import type { FieldOption } from './field-options.ts';
import { LookupRow } from './lookup-row.tsx';
import { columnsWithProblems, inReadingOrder, isUnmapped, type RowFilter } from './mapping-rows.ts';

interface ColumnTableProps {
  readonly orgId: OrgId;
  readonly mapping: FieldMapping;
  readonly source: SourceSummary;
  readonly describe: SObjectDescribe;
  readonly options: readonly FieldOption[];
  readonly issues: readonly MappingIssue[];
  readonly glances: readonly ColumnGlance[] | undefined;
  /** Lookups that columns without a field may be meant for by their values. */
  readonly offers: readonly LookupOffer[];
  readonly rows: number | null;
  readonly history: MappingHistory;
  readonly nameOf: (column: number) => string;
  /** A column that was just made here, and wants its field. */
  readonly newColumn: number | null;
  readonly copy: (column: number) => void;
  readonly join: (column: number) => void;
}

/** Every column with the field it fills; or only those that fill none, or of which something is said. */
export function ColumnTable(props: ColumnTableProps) {
  const { mapping, source, issues, history, nameOf } = props;
  const { cleaning, fileColumns } = source;
  const [filter, setFilter] = useState<RowFilter>('all');
  const problems = useMemo(
    () => columnsWithProblems(mapping, issues, source.columns),
    [mapping, issues, source.columns],
  );
  const shown: Record<RowFilter, (entry: ColumnMapping) => boolean> = {
    all: () => true,
    unmapped: isUnmapped,
    problems: ({ column }) => problems.has(column),
  };
  const count = (kind: RowFilter) => number(mapping.columns.filter(shown[kind]).length);
  const entries = inReadingOrder(mapping, cleaning, fileColumns).filter(shown[filter]);
  const changeColumn = (column: number, next: Partial<ColumnMapping>) =>
    history.change({
      ...mapping,
      columns: mapping.columns.map((one) => (one.column === column ? { ...one, ...next } : one)),
    });
  const removerOf = (column: number) => {
    const made = makerOf(column, cleaning, fileColumns);
    if (!made) return null;
    return () => {
      const left = withoutMadeBy({ steps: cleaning, mapping }, made.place, fileColumns);
      void history.changeWith(left.steps, left.mapping);
    };
  };
  return (
    <>
      <SegmentedControl
        size="sm"
        aria-label="Columns to show"
        className="row-filter"
        value={filter}
        data={[
          { value: 'all', label: `All (${count('all')})` },
          { value: 'unmapped', label: `Not loaded (${count('unmapped')})` },
          { value: 'problems', label: `To look at (${count('problems')})` },
        ]}
        onChange={(kind) => setFilter(kind)}
      />
      <div className="panel" style={{ padding: 0, overflowX: 'auto' }}>
        <table className="list mapping">
          <thead>
            <tr>
              <th>Column</th>
              <th>Values</th>
              <th>Field</th>
              <th>Type</th>
              <th>Why</th>
              <th>
                <VisuallyHidden>More</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => {
              const made = makerOf(entry.column, cleaning, fileColumns);
              return (
                <Fragment key={entry.column}>
                  <ColumnRow
                    column={entry}
                    name={nameOf(entry.column)}
                    madeOf={made ? madeOfText(made.step, nameOf) : ''}
                    profile={props.glances?.[entry.column]}
                    rows={props.rows}
                    describe={props.describe}
                    purpose={mapping}
                    options={props.options}
                    busy={history.busy}
                    isNew={entry.column === props.newColumn}
                    change={(next) => changeColumn(entry.column, next)}
                    copy={() => props.copy(entry.column)}
                    join={() => props.join(entry.column)}
                    remove={removerOf(entry.column)}
                  />
                  <LookupRow
                    orgId={props.orgId}
                    sourceId={source.sourceId}
                    mapping={mapping}
                    column={entry}
                    columns={source.columns}
                    describe={props.describe}
                    offers={props.offers.filter(({ column }) => column === entry.column)}
                    change={(next) => changeColumn(entry.column, next)}
                  />
                </Fragment>
              );
            })}
            {entries.length === 0 && (
              <tr>
                <td colSpan={6} className="reason">
                  {filter === 'unmapped' ? 'Every column fills a field.' : 'Nothing to look at.'}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}
