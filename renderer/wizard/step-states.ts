import type { CheckReport } from '../../shared/domain/field-issue.ts';
import { mappedColumns } from '../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { loadedGroups, type CheckedGroups } from '../../shared/domain/row-groups.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { loadStateText } from '../../shared/text/load-state-text.ts';
import { isOwnLoad, type Draft, type Step } from './draft.ts';
import { changesOf } from '../../shared/domain/confirmation.ts';

/** How far a step is: whether it can be gone to, whether it is done, and its number in words. */
interface StepState {
  readonly reachable: boolean;
  readonly done: boolean;
  readonly count: string;
}

export type StepStates = Readonly<Record<Step, StepState>>;

interface Known {
  readonly draft: Draft;
  /** Rows of the file; null until it is read to its end. */
  readonly rows: number | null;
  readonly staged: boolean;
  readonly checks: Pick<CheckReport, 'rows'> | null;
  /** The mapping can't be checked as it is, or is not yet. */
  readonly blocked: boolean;
  readonly standing: CheckedGroups | null;
  /** The plan of the draft's mapping, if there is one. */
  readonly known: Pick<LoadPlan, 'counts'> | null;
  readonly load: LoadSnapshot | null;
}

/** What the rail shows of each step. */
export function stepStates({ draft, rows, staged, checks, blocked, standing, known, load }: Known): StepStates {
  const { sourceId, mapping, loadId, place } = draft;
  const step = place.kind === 'step' ? place.step : null;
  // A plan is forgotten once it is loaded. While its load is what is seen, the load knows what the org held back.
  const ofLoad = step === null || step === 'load' || step === 'report';
  const loaded = load && ofLoad && isOwnLoad(draft) ? loadedGroups(load) : null;
  const notSent = loaded?.notSent ?? (blocked ? undefined : standing?.notSent);
  const changes = known ? changesOf(known.counts) : 0;
  const isChecked = checks !== null && !blocked;
  return {
    source: { reachable: sourceId !== null, done: staged, count: rows === null ? '' : plural(rows, 'row') },
    mapping: {
      reachable: mapping !== null,
      done: loaded !== null || isChecked,
      count: mapping ? `${mappedColumns(mapping).length} of ${plural(mapping.columns.length, 'column')}` : '',
    },
    checks: {
      reachable: isChecked,
      done: loaded !== null || known !== null,
      count: notSent !== undefined ? `${number(notSent)} not sent` : '',
    },
    plan: {
      reachable: isChecked,
      done: loaded !== null || (loadId !== null && known !== null),
      count: known ? plural(changes, 'change') : '',
    },
    load: {
      reachable: loadId !== null,
      done: load?.state.kind === 'finished',
      count: load ? loadStateText(load).word.toLowerCase() : '',
    },
    report: { reachable: load?.state.kind === 'finished', done: false, count: '' },
  };
}
