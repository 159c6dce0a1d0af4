import { Group, SegmentedControl, VisuallyHidden } from '@mantine/core';
import { Fragment, useCallback, useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { makerOf } from '../../../shared/domain/made-columns.ts';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { ColumnGlance, SourceSummary } from '../../../shared/domain/source-file.ts';
import { madeOfText } from '../../../shared/text/cleaning-text.ts';
import { number } from '../../../shared/text/counts.ts';
import { ColumnRow } from './column-row.tsx';
import type { FieldOption } from './field-options.ts';
import { LookupRow } from './lookup-row.tsx';
import { inPages, inRankOrder, MANY_COLUMNS, ranksOf } from './mapping-order.ts';
import { columnsWithProblems, inReadingOrder, isUnmapped, type RowFilter } from './mapping-rows.ts';
import { NearView } from './near-view.tsx';
import type { ColumnActions } from './use-column-actions.ts';

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
  readonly busy: boolean;
  readonly nameOf: (column: number) => string;
  /** A column that was just made here, and wants its field. */
  readonly newColumn: number | null;
  readonly actions: ColumnActions;
  /** What is done to all of them, beside the choice of those that are shown. */
  readonly tools: ReactNode;
}

/** Height of the choice of columns, in px: nothing moves when it comes. */
const SHOWN_HEIGHT = 38;

const HEADINGS = ['Column', 'Values', 'Field', 'Type', 'Why'];

/** Every column with the field it fills; or only those that fill none, or of which something is said. */
export function ColumnTable(props: ColumnTableProps) {
  const { mapping, source, describe, issues, tools } = props;
  const { cleaning, fileColumns } = source;
  const [filter, setFilter] = useState<RowFilter>('all');
  // Its size is read as soon as it is there, which has the whole step laid out: the columns come first.
  const isWhole = useDeferredValue(true, false);
  const [ranks] = useState(() => ranksOf(mapping, describe));
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
  const ordered = useMemo(
    () => inRankOrder(inReadingOrder(mapping, cleaning, fileColumns), ranks),
    [mapping, cleaning, fileColumns, ranks],
  );
  const entries = ordered.filter(shown[filter]);
  const { operation, matchField } = mapping;
  const purpose = useMemo(() => ({ operation, matchField }), [operation, matchField]);
  return (
    <>
      <Group justify="space-between" gap="xs" mih={SHOWN_HEIGHT}>
        {isWhole && (
          <SegmentedControl
            size="sm"
            aria-label="Columns to show"
            value={filter}
            data={[
              { value: 'all', label: `All (${count('all')})` },
              { value: 'unmapped', label: `Not loaded (${count('unmapped')})` },
              { value: 'problems', label: `To check (${count('problems')})` },
            ]}
            onChange={(kind) => setFilter(kind)}
          />
        )}
        {tools}
      </Group>
      {filter === 'all' && entries.length >= MANY_COLUMNS && (
        <p className="lead">
          Columns that are not loaded come first, then what records need; the rest is in the file’s order.
        </p>
      )}
      <div className="panel" style={{ padding: 0, overflowX: 'auto' }}>
        <table className="list mapping" aria-rowcount={entries.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {HEADINGS.map((heading) => (
                <th key={heading}>{heading}</th>
              ))}
              <th>
                <VisuallyHidden>More</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <Rows {...props} purpose={purpose} filter={filter} entries={entries} />
        </table>
      </div>
    </>
  );
}

interface RowsProps extends ColumnTableProps {
  readonly purpose: Pick<FieldMapping, 'operation' | 'matchField'>;
  readonly filter: RowFilter;
  readonly entries: readonly ColumnMapping[];
}

function Rows({ filter, entries, ...props }: RowsProps) {
  const { mapping, source, describe, nameOf, actions } = props;
  const [lookups, setLookups] = useState<ReadonlySet<number>>(new Set());
  const openLookup = useCallback((column: number, opened: boolean) => {
    setLookups((before) => new Set(opened ? [...before, column] : [...before].filter((one) => one !== column)));
  }, []);
  const pages = inPages(entries);
  if (pages.length === 0)
    return (
      <tbody>
        <tr>
          <td colSpan={HEADINGS.length + 1} className="reason">
            {filter === 'unmapped' ? 'Every column fills a field.' : 'Nothing to check.'}
          </td>
        </tr>
      </tbody>
    );
  return pages.map(({ first, rows }, page) => (
    <NearView
      key={`${filter} ${page}`}
      rows={rows.length}
      columns={HEADINGS.length + 1}
      first={page === 0}
      stays={page === 0 || page === pages.length - 1}
    >
      {() =>
        rows.map((entry, at) => {
          const made = makerOf(entry.column, source.cleaning, source.fileColumns);
          return (
            <Fragment key={entry.column}>
              <ColumnRow
                column={entry}
                name={nameOf(entry.column)}
                place={first + at + 2}
                madeOf={made ? madeOfText(made.step, nameOf) : ''}
                profile={props.glances?.[entry.column]}
                rows={props.rows}
                describe={describe}
                purpose={props.purpose}
                options={props.options}
                busy={props.busy}
                isNew={entry.column === props.newColumn}
                actions={actions}
              />
              <LookupRow
                orgId={props.orgId}
                sourceId={source.sourceId}
                mapping={mapping}
                column={entry}
                columns={source.columns}
                describe={describe}
                offers={props.offers.filter(({ column }) => column === entry.column)}
                opened={lookups.has(entry.column)}
                open={openLookup}
                change={actions.change}
              />
            </Fragment>
          );
        })
      }
    </NearView>
  ));
}
