import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import type { RunState } from '../../../shared/domain/run.ts';
import type { GoneRule } from '../../../shared/domain/sync.ts';
import { quoteText } from '../tables/quote.ts';
import { syncStateTables, syncWorkTables } from '../tables/sync-tables.ts';
import { goneDueSql } from './commit-state.ts';
import { beginRun, mappingOf, type SyncedRows } from './prepare-rows.ts';
import { readLeft } from './read-left.ts';
import type { SyncMapping } from './sync-basis.ts';
import { dropWork, nextPhase, usingState, type SyncRun, type SyncTools } from './sync-runs.ts';
import { openState, stateOf, syncFolder } from './sync-state.ts';
import { fileIn, handOver } from './write-delta.ts';

/**
 * Narrows a run to the records whose rows are gone and whose time of grace is over: deletes of them, or updates of one field, by Id. The file is
 * read again for that: a row that is back is not gone. Writes nothing to the org.
 */
export async function prepareGone(
  tools: SyncTools,
  job: JobDefinition,
  fitted: SyncedRows,
  syncRun: SyncRun,
  signal: AbortSignal,
): Promise<SyncedRows | RunState> {
  const rule: GoneRule = job.sync?.gone ?? { then: 'leave' };
  const { jobId, orgId, dry } = syncRun.run();
  const nothing: RunState = { kind: 'ended', how: dry ? 'shown' : 'nothing-to-load' };
  const { workId, expected } = await beginRun(tools, job, syncRun, 'gone', signal);
  const narrowed = await usingState(tools, jobId, workId, async (): Promise<SyncedRows | RunState> => {
    const { staging, staged, orgs, ports } = tools;
    const opened = await openState(staging, ports, expected, signal);
    if ('problem' in opened)
      return { kind: 'held', holds: [...fitted.holds, { code: 'SYNC_STATE', problem: opened.problem }] };
    if (rule.then === 'leave' || opened.head === null) return nothing;
    const source = await staged.facts(fitted.sourceId);
    const sync = await mappingOf(tools, syncRun, fitted.mapping, source.columns, signal);
    if (sync === null) return fitted;
    const sql = staging.until(signal);
    const left = await readLeft(sql, workId, source, sync);
    const now = (await orgs.client(orgId)).now();
    const { record } = syncStateTables(stateOf(ports, jobId).alias);
    const { gone, left_key: keys } = syncWorkTables(workId);
    const isKnown = left.unusable === 0 ? 'true' : 'false';
    await sql.run(
      `CREATE OR REPLACE TABLE ${gone} AS SELECT row_number() OVER (ORDER BY k) AS row_number, k, id, stamp FROM ${record} ANTI JOIN ${keys} USING (k)
         WHERE ${isKnown} AND ${notRespelledSql(record, keys, sync)} AND ${goneDueSql(rule, opened.head.runs, now)}`,
    );
    const [counted] = await sql.query(`SELECT count(*) AS n FROM ${gone}`);
    const due = Number(counted?.['n'] ?? 0);
    const counts = { added: 0, changed: 0, same: left.keys, gone: due };
    const told = { left: { digest: fitted.fileDigest, ...left, ...counts }, keys: due, phase: 'guard' as const };
    await nextPhase(syncRun, told);
    if (due === 0) return nothing;
    const made = await writeGone(
      tools,
      { workId, folder: syncFolder(ports, jobId), rule, fileName: source.fileName },
      due,
      signal,
    );
    syncRun.owns(made.sourceId);
    const read = await made.read();
    const digest = read.state.kind === 'staged' ? read.state.digest : null;
    const isOwned = syncRun.run().source?.owned === true;
    const { fileName } = source;
    await syncRun.save({
      operation: rule.then === 'delete' ? 'delete' : 'update',
      source: { sourceId: made.sourceId, fileName, digest, rows: left.rows, owned: true },
    });
    if (isOwned) await tools.sources.forget(fitted.sourceId);
    return { ...fitted, sourceId: made.sourceId, mapping: goneMapping(job, rule) };
  });
  if ('kind' in narrowed) await dropWork(tools.ports, jobId, workId);
  return narrowed;
}

/**
 * Whether a record has no row by another spelling of its key either (7 and 7.0), as a condition on the state: rows are told apart by how their
 * keys are written, and find records by what those mean. A key that has the record says so by its Id. One that has come to no record yet may mean
 * any, where keys have more spellings than one.
 */
function notRespelledSql(record: string, keys: string, { key, keyField }: SyncMapping): string {
  const isOther = `id NOT IN (SELECT id FROM ${record} SEMI JOIN ${keys} USING (k) WHERE id <> '')`;
  const isAsWritten = ['string', 'id', 'email', 'phone', 'url'].includes(keyField.type);
  if (isAsWritten && Object.keys(key.replacements).length === 0 && key.fixes.length === 0) return isOther;
  // What the job's policies left has no record: it was looked for.
  return `${isOther} AND NOT EXISTS (SELECT 1 FROM ${keys} l LEFT JOIN ${record} r USING (k) WHERE coalesce(r.id, '') = '' AND coalesce(r.status, '') <> 'left')`;
}

type Acting = Exclude<GoneRule, { then: 'leave' }>;

async function writeGone(
  tools: SyncTools,
  { workId, folder, rule, fileName }: { workId: string; folder: string; rule: Acting; fileName: string },
  due: number,
  signal: AbortSignal,
): ReturnType<typeof handOver> {
  const path = await fileIn(folder, workId);
  const value = rule.then === 'set' ? `, ${quoteText(rule.value)} AS value` : '';
  await tools.staging.exportRows(
    {
      sql: `SELECT NULL::BLOB AS original, id${value} FROM ${syncWorkTables(workId).gone} WHERE row_number > {after} AND row_number <= {upTo} ORDER BY row_number`,
      lastRow: due,
      lead: 0,
      header: rule.then === 'set' ? ['Id', rule.field] : ['Id'],
      path,
      delimiter: ',',
      writing: { encoding: 'utf-8', mark: false },
      spreadsheetSafe: false,
    },
    signal,
  );
  return handOver(tools.sources, path, fileName, signal);
}

/** By Id; of the job's policies those that say how rows are sent. */
function goneMapping({ object, policies }: JobDefinition, rule: Acting): FieldMapping {
  const { way, stopAfter, jobsAtOnce } = policies ?? {};
  const sending = {
    ...(way === undefined ? {} : { way }),
    ...(stopAfter === undefined ? {} : { stopAfter }),
    ...(jobsAtOnce === undefined ? {} : { jobsAtOnce }),
  };
  const fields = rule.then === 'set' ? ['Id', rule.field] : ['Id'];
  return {
    objectName: object,
    operation: rule.then === 'delete' ? 'delete' : 'update',
    matchField: 'Id',
    columns: fields.map((field, column) => newColumn(column, { kind: 'field', field })),
    blankValues: 'clear',
    duplicateKeys: 'first',
    ...(Object.keys(sending).length > 0 ? { policies: sending } : {}),
  };
}
