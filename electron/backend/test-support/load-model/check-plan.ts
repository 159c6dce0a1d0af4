import type { LoadPlan, PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { totalOf } from '../../../../shared/domain/load-results.ts';
import type { BackendProcess } from './backend-process.ts';
import { must } from './model-failure.ts';
import type { ModelFile } from './rows.ts';
import type { Sequence } from './sequence.ts';

const PAGE = 500;

/** plan = file: every source row exactly once, in order, and counts that add up; a row without a fault is sent. */
export async function checkPlan(
  app: Pick<BackendProcess, 'must'>,
  sequence: Sequence,
  plan: LoadPlan,
  file: ModelFile,
): Promise<PlannedRow['kind'][]> {
  const rows: PlannedRow[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await app.must('plan.page', { planId: plan.planId, kind: null, search: '', offset, limit: PAGE });
    must(page.total === file.rows.length, 'the plan has as many rows as the file', { total: page.total });
    rows.push(...page.rows);
    if (page.rows.length < PAGE) break;
  }
  must(plan.rows === file.rows.length, 'the plan counts the rows of the file', { plan: plan.rows });
  must(
    rows.length === file.rows.length && rows.every(({ row }, index) => row === index + 1),
    'every source row is in the plan exactly once, in order',
    rows.map(({ row }) => row),
  );
  const counted = Object.fromEntries(
    Object.keys(plan.counts).map((kind) => [kind, rows.filter((row) => row.kind === kind).length]),
  );
  must(
    totalOf(plan.counts) === plan.rows && JSON.stringify(counted) === JSON.stringify({ ...counted, ...plan.counts }),
    'the plan’s counts are those of its rows',
    { counts: plan.counts, counted },
  );
  for (const row of rows) checkRow(sequence, file, row);
  return rows.map(({ kind }) => kind);
}

function checkRow(sequence: Sequence, file: ModelFile, row: PlannedRow): void {
  const model = file.rows[row.row - 1];
  if (model === undefined) return;
  const facts = { row, cells: model.cells };
  const sameRecord = file.rows.filter(({ about }) => about !== null && about === model.about);
  const isAlone = sameRecord.length < 2;
  const undecided = sequence.operation !== 'insert' && sequence.duplicateKeys === 'ask' && !isAlone;
  // Of rows that would make records with one key only the first can.
  const taken = sequence.operation === 'insert' && !isAlone && sameRecord[0] !== model;
  if (model.excuse === null && !undecided && !taken)
    must(row.kind !== 'blocked', 'a row with nothing wrong is sent', facts);
  if (model.excuse === 'ragged' || model.excuse === 'no record')
    must(row.kind === 'blocked', 'a row that cannot be loaded is not sent', facts);
  if (row.kind === 'update' || row.kind === 'delete' || row.kind === 'undelete')
    must(model.existingId === row.id, 'a row changes the record that it names', facts);
  if (row.kind === 'insert') must(model.existingId === null, 'no record is made that is there already', facts);
}
