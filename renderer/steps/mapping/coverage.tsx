import { coverageText } from '../../../shared/text/lookup-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { coveredBy } from './covered-by.ts';
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
        {coverage.data ? coverageText(coverage.data) : coverage.isFetching ? 'Looking them up in the org…' : ''}
      </p>
      {coverage.error && <FailurePanel failure={failureOf(coverage.error)} />}
    </>
  );
}
