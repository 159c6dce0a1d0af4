import { useEffect, useState, type Dispatch } from 'react';
import { useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { Failure } from '../../shared/contract/failure.ts';
import type { CheckReport } from '../../shared/domain/field-issue.ts';
import type { SourceId } from '../../shared/domain/ids.ts';
import { checkedGroups, foundInOrg, type CheckedGroups } from '../../shared/domain/row-groups.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import type { LoadPlan } from '../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import type { SObjectDescribe } from '../../shared/domain/sobject.ts';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { failureOf, useCall, useKnown } from '../backend/backend-context.tsx';
import type { Draft, DraftAction } from './draft.ts';
import { useLoadAgain } from './use-load-again.ts';
import { keepOnlyPlan } from './keep-only-plan.ts';
import { planInput } from './plan-input.ts';
import { stepStates, type StepStates } from './step-states.ts';

/**
 * Rows of which the org is asked again by itself after each fix, once it was asked: their plan takes about a second and a few API calls.
 * Of larger files it is asked by a button.
 */
const FOLLOWED_ROWS = 20_000;

/** What the steps share, read once: the source, the object, the checks, the plan and the load of the draft. */
export interface LoadParts {
  readonly source: SourceSummary | null;
  readonly rows: number | null;
  readonly describe: SObjectDescribe | null;
  readonly checks: UseQueryResult<CheckReport>;
  readonly plan: UseQueryResult<LoadPlan>;
  /** The plan of the draft's mapping, if there is one, in whatever step; with it what only the org could tell. */
  readonly known: LoadPlan | null;
  /** How the file's rows stand by the checks, and by the plan once there is one; the same numbers in every step. */
  readonly standing: CheckedGroups | null;
  /** Of the rows that are not sent those that the org told of; null while there is no plan. */
  readonly foundInOrg: number | null;
  readonly load: LoadSnapshot | null;
  /** Why the org could not be asked what the file is for, and a way to ask again. */
  readonly failure: Failure | null;
  readonly retry: () => void;
  readonly steps: StepStates;
}

/** What every step of the wizard is given; a step takes what it needs of it. */
export interface StepProps {
  readonly draft: Draft;
  readonly dispatch: Dispatch<DraftAction>;
  readonly parts: LoadParts;
  readonly org: OrgSummary | null;
  /** For styles that the grid adds by itself. */
  readonly nonce: string;
}

/** Guesses and suggestions are asked for as soon as they can be, so that a well-named file is one click from its plan. */
export function useLoadParts(draft: Draft, dispatch: Dispatch<DraftAction>): LoadParts {
  const { sourceId, orgId, objectName, operation, mapping, former, columnsDue } = draft;
  const step = draft.place.kind === 'step' ? draft.place.step : null;
  const source = useCall('source.get', sourceId ? { sourceId } : null, { keep: true }).data ?? null;
  const staged = source?.state.kind === 'staged';
  const rows = source?.state.kind === 'staged' ? source.state.rows : null;

  const guess = useCall('mapping.guessObject', sourceId && orgId && !objectName ? { sourceId, orgId } : null, {
    keep: true,
  });
  useEffect(() => {
    if (!guess.data || objectName) return;
    const { objectName: guessed, operation: allowed } = guess.data;
    dispatch({ kind: 'object-chosen', objectName: guessed, operation: allowed });
  }, [guess.data, objectName, dispatch]);

  const describe = useCall('orgs.describe', orgId && objectName ? { orgId, objectName } : null, { keep: true });
  // JSON has columns that only a later record names; a mapping made before has no place for them.
  const cache = useQueryClient();
  const columns = staged ? (source?.columns.length ?? null) : null;
  const differs = mapping !== null && columns !== null && mapping.columns.length !== columns;
  // A column that the mapping makes itself is known here before or after the mapping knows it.
  const outdated = differs && columnsDue === null;
  const agreed = columns === columnsDue && !differs ? columnsDue : null;
  useEffect(() => {
    if (agreed !== null) dispatch({ kind: 'columns-settled', columns: agreed });
  }, [agreed, dispatch]);
  useEffect(() => {
    if (!outdated) return;
    cache.removeQueries({ queryKey: ['mapping.suggest'] });
    dispatch({ kind: 'columns-changed' });
  }, [outdated, cache, dispatch]);
  const isDue = draft.again?.state === 'due';
  const fit = useLoadAgain(draft, source, dispatch);
  const suggestion = useCall(
    'mapping.suggest',
    sourceId && orgId && objectName && !mapping && !isDue
      ? { sourceId, orgId, objectName, operation, useSaved: true, ...(former ? { former } : {}) }
      : null,
  );
  useEffect(() => {
    if (!suggestion.data || mapping || !source) return;
    const { misfits, ...suggested } = suggestion.data;
    const names = source.columns.map(({ name }) => name);
    dispatch({ kind: 'mapping-suggested', mapping: suggested, names, misfits });
  }, [suggestion.data, mapping, source, dispatch]);

  const ready = sourceId && orgId && mapping && staged && !differs ? { sourceId, orgId, mapping } : null;
  const checks = useCall('checks.run', ready && step !== 'load' && step !== 'report' ? ready : null, {
    keep: true,
    ...(sourceId ? { showPreviousOf: sourceId } : {}),
  });
  const blocked =
    checks.isPlaceholderData || (checks.data?.mappingIssues.some(({ level }) => level === 'block') ?? true);
  // Left for another step, a plan of this mapping still knows what the org would hold back.
  const planned = ready && planInput(ready);
  const known = useKnown('plan.build', planned) ?? null;
  const [askedOf, setAskedOf] = useState<SourceId | null>(null);
  if (known && askedOf !== sourceId) setAskedOf(sourceId);
  const follows = step === 'checks' && askedOf === sourceId && (rows ?? 0) <= FOLLOWED_ROWS;
  const plan = useCall('plan.build', !blocked && (step === 'plan' || follows) ? planned : null, { keep: true });
  const built = plan.data;
  useEffect(() => {
    if (built) keepOnlyPlan(cache, built);
  }, [built, cache]);
  const load = useCall('load.get', draft.loadId ? { loadId: draft.loadId } : null, { keep: true }).data ?? null;

  const standing = checks.data ? checkedGroups(checks.data, known?.counts ?? null) : null;
  const failed = [guess, describe, fit, suggestion].find(({ error }) => error !== null);
  return {
    source,
    rows,
    describe: describe.data ?? null,
    checks,
    plan,
    known,
    standing,
    foundInOrg: checks.data && known ? foundInOrg(checks.data, known.counts) : null,
    load,
    failure: failed ? failureOf(failed.error) : null,
    retry: () => void failed?.refetch(),
    steps: stepStates({ draft, rows, staged, checks: checks.data ?? null, blocked, standing, known, load }),
  };
}
