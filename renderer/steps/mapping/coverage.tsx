import { repeatColumns, type ColumnMapping, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';
import { coverageText } from '../../../shared/text/lookup-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { LookupPlace } from './lookup-choice.tsx';

/** What the org says of the values, asked whenever the choice changes. */
export function Coverage({
  orgId,
  sourceId,
  mapping,
  column,
}: Pick<LookupPlace, 'orgId' | 'sourceId' | 'mapping' | 'column'>) {
  const asked = coveredBy(mapping, column);
  const coverage = useCall(
    'lookups.coverage',
    { orgId, sourceId, mapping: asked, column: column.column },
    { keep: true },
  );
  return (
    <>
      <p className="reason coverage" role="status">
        {coverage.data ? coverageText(coverage.data) : coverage.isFetching ? 'Looking them up in the org …' : ''}
      </p>
      {coverage.error && <FailurePanel failure={failureOf(coverage.error)} />}
    </>
  );
}

/** The mapping with only what tells which parents are found: a change elsewhere asks nothing anew. */
function coveredBy(mapping: FieldMapping, { column, target }: ColumnMapping): FieldMapping {
  const second = target.kind === 'found' ? target.and?.column : undefined;
  const keys = target.kind === 'found' ? rowKeyColumns(mapping, target) : null;
  const own = keys === null ? [] : [...keys, ...repeatColumns(mapping)].map((one) => one.column);
  const wanted = new Set([column, second, ...own]);
  return {
    ...mapping,
    matchField: keys === null ? null : mapping.matchField,
    columns: mapping.columns.filter((one) => wanted.has(one.column)),
  };
}
