import { OutcomeKind, totalOf, type LoadSnapshot, type OutcomeRow } from '../../../../shared/domain/load-results.ts';
import type { PlannedRow } from '../../../../shared/domain/load-plan.ts';
import type { BackendProcess } from './backend-process.ts';
import type { Allowances } from './allowances.ts';
import { must } from './model-failure.ts';
import type { ModelFile, ModelRow } from './rows.ts';
import type { Sequence } from './sequence.ts';

const PAGE = 500;
/** What may come of a row that was planned so. */
const ENDS: Record<PlannedRow['kind'], readonly OutcomeKind[]> = {
  insert: ['created', 'updated', 'failed', 'unprocessed', 'unknown'],
  update: ['updated', 'created', 'failed', 'unprocessed', 'unknown'],
  delete: ['deleted', 'failed', 'unprocessed', 'unknown'],
  undelete: ['undeleted', 'failed', 'unprocessed', 'unknown'],
  unchanged: ['unchanged'],
  duplicate: ['repeated'],
  leftOut: ['leftOut'],
  blocked: ['skipped'],
};

/** outcomes = file: every source row has exactly one outcome, in file order, with its cells; counts are those of the rows. */
export async function checkOutcomes(
  app: Pick<BackendProcess, 'must'>,
  sequence: Sequence,
  load: LoadSnapshot,
  file: ModelFile,
  planned: readonly PlannedRow['kind'][],
  allowed: Allowances,
): Promise<OutcomeRow[]> {
  const rows: OutcomeRow[] = [];
  const killsStaging = sequence.disturbances.some(({ kind }) => kind === 'kill-staging');
  for (let offset = 0; ; offset += PAGE) {
    const query = { loadId: load.loadId, kinds: [...OutcomeKind.options], offset, limit: PAGE };
    // A staging process that is killed only when the load is over says so once.
    const page = await app.must('report.page', query, killsStaging ? ['STAGING_STOPPED'] : []);
    rows.push(...page.rows);
    if (page.rows.length < PAGE) break;
  }
  must(
    rows.length === file.rows.length && rows.every(({ row }, index) => row === index + 1),
    'every source row has exactly one outcome, in file order',
    { rows: rows.map(({ row, kind }) => [row, kind]), planned },
  );
  const counted = Object.fromEntries(
    OutcomeKind.options.map((kind) => [kind, rows.filter((row) => row.kind === kind).length]),
  );
  must(
    totalOf(load.counts) === file.rows.length &&
      OutcomeKind.options.every((kind) => counted[kind] === load.counts[kind]),
    'the load’s counts are those of its rows',
    { counts: load.counts, counted },
  );
  for (const [index, outcome] of rows.entries()) {
    const row = file.rows[index];
    const plan = planned[index];
    if (row !== undefined && plan !== undefined) checkRow(sequence, file, row, plan, outcome, allowed);
  }
  return rows;
}

function checkRow(
  sequence: Sequence,
  file: ModelFile,
  row: ModelRow,
  plan: PlannedRow['kind'],
  outcome: OutcomeRow,
  allowed: Allowances,
): void {
  const facts = { outcome, plan, cells: row.cells, allowed };
  must(ENDS[plan].includes(outcome.kind), 'an outcome follows from what was planned', facts);
  if (row.excuse !== 'ragged')
    must(
      row.cells.every((cell, at) => outcome.cells[at] === cell),
      'an outcome has the cells of its row',
      facts,
    );
  if (row.excuse !== null)
    must(
      !['created', 'updated', 'deleted', 'undeleted'].includes(outcome.kind),
      'a row with something wrong does not go in',
      facts,
    );
  if (outcome.kind === 'unknown') must(allowed.unknown, 'a row whose truth can be known is not unknown', facts);
  if (outcome.kind === 'unprocessed') must(allowed.unprocessed, 'rows are not left undone without a reason', facts);
  if (outcome.kind === 'failed' && row.excuse === null) {
    const clashes = sequence.operation === 'insert' && row.about !== null;
    const shared = clashes && file.rows.filter(({ about }) => about === row.about).length > 1;
    must(allowed.refused || shared, 'a row with nothing wrong does not fail', facts);
  }
}
