import type { OutcomeRow } from '../../../../shared/domain/load-results.ts';
import { trimmed, type Kept } from './cells.ts';
import type { Allowances } from './allowances.ts';
import { must } from './model-failure.ts';
import type { OrgRecord } from './observed-org.ts';
import type { ModelFile, ModelRow } from './rows.ts';
import type { Sequence } from './sequence.ts';

type Records = ReadonlyMap<string, OrgRecord>;

/** A record's value by its SOQL path. */
function at(record: OrgRecord | undefined, path: string): unknown {
  let value: unknown = record;
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : null;
  return value ?? null;
}

const CLAIMS: readonly OutcomeRow['kind'][] = ['created', 'updated', 'deleted', 'undeleted'];

/** Blank, null and an unchecked box are one; line breaks and the spaces at the edges are no difference. */
function folded(value: unknown): unknown {
  if (value === null || value === false || value === '') return null;
  return typeof value === 'string' ? trimmed(value).replaceAll('\r\n', '\n') || null : value;
}

function expected(kept: Kept, before: unknown, blankClears: boolean): unknown {
  if (kept.kind === 'value') return folded(kept.value);
  return blankClears ? null : folded(before);
}

/**
 * org = outcomes: created rows are there once, updated ones have the new values, deleted ones are gone, those brought back are there,
 * all others are untouched; and nothing is in the org that no row answers for.
 */
export function checkOrg(
  sequence: Sequence,
  file: ModelFile,
  outcomes: readonly OutcomeRow[],
  before: Records,
  after: Records,
  allowed: Allowances,
): void {
  const claimed = new Map<string, OutcomeRow>();
  for (const outcome of outcomes) {
    if (!CLAIMS.includes(outcome.kind)) continue;
    const facts = { outcome, other: claimed.get(outcome.id) };
    must(!claimed.has(outcome.id), 'no record comes of two rows', facts);
    claimed.set(outcome.id, outcome);
    const row = file.rows[outcome.row - 1];
    if (row !== undefined) checkClaim(sequence, file, row, outcome, before, after);
  }
  const unknown = outcomes.filter(({ kind }) => kind === 'unknown');
  const unknownIds = new Set(unknown.map(({ row }) => file.rows[row - 1]?.existingId));
  for (const [id, record] of before) {
    if (claimed.has(id) || unknownIds.has(id)) continue;
    const facts = { record, now: after.get(id), outcomes: outcomes.map(({ row, kind }) => [row, kind]) };
    must(JSON.stringify(after.get(id)) === JSON.stringify(record), 'records of no row are untouched', facts);
  }
  const strays = [...after].filter(([id]) => !before.has(id) && !claimed.has(id)).map(([, record]) => record);
  const mayBe = allowed.unknown ? unknown.length : 0;
  must(strays.length <= mayBe, 'no record is made that no row answers for', {
    strays,
    outcomes: outcomes.map(({ row, kind, id }) => [row, kind, id]),
  });
  if (!allowed.stray)
    checkDoubles(
      file,
      strays,
      unknown.map(({ row }) => file.rows[row - 1]),
    );
}

/** Of rows whose outcome nobody knows, each may have been made once. */
function checkDoubles(file: ModelFile, strays: readonly OrgRecord[], rows: readonly (ModelRow | undefined)[]): void {
  const fits = (record: OrgRecord, row: ModelRow | undefined) =>
    row?.kept.every(({ path, kept }) => folded(at(record, path)) === expected(kept, null, true)) ?? false;
  for (const stray of strays) {
    const twins = strays.filter((other) => file.paths.every((path) => at(other, path) === at(stray, path))).length;
    must(rows.filter((row) => fits(stray, row)).length >= twins, 'an unknown row is in the org at most once', stray);
  }
}

function checkClaim(
  sequence: Sequence,
  file: ModelFile,
  row: ModelRow,
  outcome: OutcomeRow,
  before: Records,
  after: Records,
): void {
  const was = before.get(outcome.id);
  const is = after.get(outcome.id);
  const facts = { outcome, was, is, cells: row.cells };
  if (row.existingId !== null) must(outcome.id === row.existingId, 'an outcome has the id of its record', facts);
  if (outcome.kind === 'deleted') {
    must(was !== undefined && is === undefined, 'a deleted record is gone', facts);
    return;
  }
  if (outcome.kind === 'undeleted') {
    must(was === undefined && is !== undefined, 'a record that was brought back is there', facts);
    return;
  }
  if (outcome.kind === 'created')
    must(was === undefined && is !== undefined, 'a created record is new and there', facts);
  else must(was !== undefined && is !== undefined, 'an updated record was and is there', facts);
  const blankClears = sequence.blankValues === 'clear' && sequence.operation !== 'insert';
  const keyPath = file.mapping.matchField;
  for (const { path, kept } of row.kept) {
    const inOrg = folded(at(is, path));
    const wanted = expected(kept, at(was, path), blankClears);
    const sameKey =
      path === keyPath && typeof inOrg === 'string' && typeof wanted === 'string'
        ? inOrg.toLowerCase() === wanted.toLowerCase()
        : inOrg === wanted;
    must(sameKey, 'a record has the values of its row', { path, inOrg, wanted, ...facts });
  }
}

/**
 * What holds of any load, whatever became of its folder: a row has made one record at most, and no record is touched that no
 * row is about. Where uploads lose bytes, the org may have made one more of half a row.
 */
export function checkNothingDoubled(
  sequence: Sequence,
  file: ModelFile,
  before: Records,
  after: Records,
  allowed: Pick<Allowances, 'stray'>,
): void {
  const about = new Set(file.rows.map(({ existingId }) => existingId));
  const isBack = (id: string) => sequence.operation === 'undelete' && about.has(id);
  const made = [...after].filter(([id]) => !before.has(id) && !isBack(id)).map(([, record]) => record);
  const blankClears = sequence.blankValues === 'clear' && sequence.operation !== 'insert';
  const content = (values: readonly unknown[]) => JSON.stringify(values);
  const inFile = new Map<string, number>();
  for (const row of file.rows) {
    const values = content(
      file.paths.map((path) => {
        const kept = row.kept.find((candidate) => candidate.path === path)?.kept;
        return kept === undefined ? null : expected(kept, null, blankClears);
      }),
    );
    inFile.set(values, (inFile.get(values) ?? 0) + 1);
  }
  const inOrg = new Map<string, number>();
  for (const record of made) {
    const values = content(file.paths.map((path) => folded(at(record, path))));
    inOrg.set(values, (inOrg.get(values) ?? 0) + 1);
  }
  for (const [values, count] of inOrg)
    must(count <= (inFile.get(values) ?? (allowed.stray ? 1 : 0)), 'no row is in the org twice', { values, count });
  for (const [id, record] of before)
    if (!about.has(id))
      must(JSON.stringify(after.get(id)) === JSON.stringify(record), 'records of no row are untouched', { record });
}
