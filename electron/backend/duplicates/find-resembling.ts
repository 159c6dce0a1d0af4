import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { blockRecords, type CappedRule, type Sides } from './block-pairs.ts';
import { modelFor, type ResemblanceModel } from './default-models.ts';
import { prepareRecords } from './prepare-records.ts';
import { resemblanceWork, type ComparedRelation, type ResemblanceTables } from './resemblance-work.ts';
import { addFrequencies, scorePairs, thresholdOf } from './score-pairs.ts';
import { shareOfSame, trainShares } from './train-model.ts';
import { bitsOf } from './weights.ts';

export interface ResemblanceRequest {
  /** The database that the tables of this comparison are made in, known to the engine. */
  readonly alias: string;
  readonly rows: ComparedRelation;
  /** What the rows are compared with; null for the rows among themselves. */
  readonly records: ComparedRelation | null;
  readonly model: ResemblanceModel;
  /** What the names of its tables begin with, so that several comparisons fit into one database; `resembling` unless it is said. */
  readonly prefix?: string;
}

/** How far it is: `share` is of the stage, 0 to 1. */
export interface ResemblanceProgress {
  readonly stage: 'preparing' | 'learning' | 'blocking' | 'comparing';
  readonly share: number;
}

/** Pairs that were found, in the tables of `work`; what is asked of them is in `resembling-pairs.ts` and `cluster-pairs.ts`. */
export interface Resemblance {
  readonly work: ResemblanceTables;
  readonly sides: Sides;
  readonly model: ResemblanceModel;
  /** The odds that two rows drawn by chance are the same, in bits. */
  readonly prior: number;
  /** From which weight on a pair is taken for the same, in bits over even odds. */
  readonly threshold: number;
  /** Blocks that were not looked at as a whole. */
  readonly capped: readonly CappedRule[];
}

/**
 * Finds rows that resemble records, or one another: a Fellegi–Sunter model in the way of Splink (moj-analytical-services/splink). Its
 * tables stay in the database, named after the `prefix`, until they are made again. Throws what the engine throws, and for an aborted signal its reason.
 */
export async function findResembling(
  staging: Pick<StagingClient, 'until' | 'append'>,
  request: ResemblanceRequest,
  signal: AbortSignal,
  progress: (facts: ResemblanceProgress) => void,
): Promise<Resemblance> {
  const work = resemblanceWork(staging, request.alias, signal, request.prefix);
  const sides: Sides = { left: 'rows', right: request.records ? 'records' : 'rows' };
  const tables = [request.rows, ...(request.records ? [request.records] : [])];
  const kinds = (Object.keys(request.rows.columns) as ResemblanceKind[]).filter((kind) =>
    tables.every(({ columns }) => columns[kind] !== undefined),
  );
  const model = modelFor(request.model, new Set(kinds));
  progress({ stage: 'preparing', share: 0 });
  await prepareRecords(
    work,
    tables.map((relation, at) => ({ name: at === 0 ? sides.left : sides.right, relation })),
  );
  progress({ stage: 'learning', share: 0 });
  const shares = await trainShares(work, sides, model);
  progress({ stage: 'learning', share: 0.7 });
  const prior = bitsOf(await shareOfSame(work, sides, model));
  await addFrequencies(work, sides, model);
  progress({ stage: 'blocking', share: 0 });
  const capped = await blockRecords(work, sides, model.blocking);
  progress({ stage: 'comparing', share: 0 });
  const threshold = thresholdOf(model, shares, prior);
  await scorePairs(work, sides, { model, shares, prior, threshold }, (share) =>
    progress({ stage: 'comparing', share }),
  );
  return { work, sides, model, prior, threshold, capped };
}
