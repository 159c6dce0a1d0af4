import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import { diskFailure, syncFolder } from '../documents/durable-file.ts';
import { hasTables } from '../plan/has-tables.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, KEPT_FILE, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { fileView, keptOf, type KeptTable, type KeptView } from './compact-tables.ts';

const WHAT = 'what is kept of a load';
const NEW_DATABASE = 'kept.duckdb';
/** Folders with the rows that a database has in files. */
const KEPT = /^kept-\w+$/;
/** What was sent in parts, and what came back: by now it is in the outcomes. */
const PART_FILE = /^part-\d+(?:-\w+)?\.csv$|^part-\d+-answer-\d+\.json$/;

/**
 * Text of a million rows of 20 columns takes 13.9 % of its CSV at level 3, 12.8 at 12, and 11.7 at 19, which takes four minutes instead of
 * ten seconds; in groups of a quarter of the rows 14.6 at level 9 (measured with DuckDB 1.5.5). Rows of a group are read together by a page of a report.
 */
const AS_FILE = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 12, PARQUET_VERSION 'V2', ROW_GROUP_SIZE 122880";

interface CompactTools {
  readonly staging: Pick<StagingClient, 'until' | 'query' | 'create' | 'detach' | 'replaceFile'>;
  readonly random: BackendPorts['random'];
}

/**
 * Makes the database of a finished load, which is known, small: rows of large tables go into files (`kept-…/`), and the database has
 * views in their place; what only the plan was made with goes, and of records the values that the load left alone. All is written
 * beside what is there, and takes its place by one renaming: a kill leaves the one or the other. Rows of its second step can't be tried
 * again after this. Throws `DISK_FULL`, `DISK_REFUSED`, and `CANCELLED`.
 */
export async function compactLoad(
  { staging, random }: CompactTools,
  stored: StoredPlan,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { planId } = stored.plan;
  if (!(await hasTables(staging, planId, TABLE_NAMES.keptFile))) {
    const alias = PlanId.parse(`plan_${random.token(16)}`);
    const path = join(folder, NEW_DATABASE);
    const into = join(folder, `kept-${random.token(8)}`);
    let written = false;
    try {
      await mkdir(into, { mode: 0o700 }).catch(refused);
      // No columns of a file are in it.
      await staging.create(alias, path, { columns: 0, joinedRows: stored.plan.rows }, signal);
      const sql = staging.until(signal);
      const kept = await keptOf(sql, stored);
      const large = kept.tables.filter(({ many }) => many);
      const digests: string[] = [];
      for (const { name, select } of large) digests.push(await writeFile(sql, select, fileOf(into, name)));
      await syncFolder(into).catch(refused);
      await sql.run(
        inOneStep([
          createTable(tablesOf(alias).keptFile, KEPT_FILE),
          ...large.map(({ name }, nth) => keepFile(alias, name, into, digests[nth] ?? '')),
          ...kept.tables.filter(({ many }) => !many).map((table) => keepTable(alias, table)),
        ]),
      );
      await makeViews(sql, alias, kept.views, signal);
      await staging.detach(alias);
      signal.throwIfAborted();
      written = true;
      await staging.replaceFile(planId, path);
    } finally {
      await staging.detach(alias);
      // Once it may have taken its place its files stay.
      const goes = [path, `${path}.wal`, ...(written ? [] : [into])];
      for (const name of goes) await rm(name, { recursive: true, force: true }).catch(refused);
    }
  }
  await dropLeftovers(staging, planId, folder);
}

function refused(error: unknown): never {
  throw diskFailure(error, WHAT);
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.parquet`);
}

/** Its SHA-256, in hex. */
async function writeFile(sql: StagingSql, select: string, path: string): Promise<string> {
  await sql.runInOrder(`COPY (${select}) TO ${quoteText(path)} (${AS_FILE}, USE_TMP_FILE false)`);
  const file = await open(path, 'r+').catch(refused);
  try {
    await file.sync();
  } catch (error) {
    refused(error);
  } finally {
    await file.close();
  }
  return digestOfFile(path).catch(refused);
}

function keepFile(alias: string, name: string, into: string, sha256: string): string {
  const cells = [name, into, sha256].map(quoteText);
  const row = `INSERT INTO ${tablesOf(alias).keptFile} VALUES (${cells.join(', ')})`;
  return `${row}; ${fileView(alias, name, fileOf(into, name))}`;
}

function keepTable(alias: string, { name, select }: KeptTable): string {
  return `CREATE TABLE ${tablesOf(alias).named(name)} AS ${select}`;
}

/** Each statement by itself would wait for the disk. */
function inOneStep(statements: readonly string[]): string {
  return `BEGIN TRANSACTION; ${statements.join('; ')}; COMMIT`;
}

/** Views may be over one another: whichever can't be made yet comes after the others. */
async function makeViews(
  sql: StagingSql,
  alias: string,
  views: readonly KeptView[],
  signal: AbortSignal,
): Promise<void> {
  let open = views;
  while (open.length > 0) {
    const left: KeptView[] = [];
    let why: unknown = null;
    for (const view of open) {
      const made = sql.run(`CREATE VIEW ${tablesOf(alias).named(view.name)} AS ${view.select}`);
      await made.catch((error: unknown) => {
        signal.throwIfAborted();
        why = error;
        left.push(view);
      });
    }
    if (left.length === open.length) throw why;
    open = left;
  }
}

/** What was found whole, by path: as long as a file stays as it was it need not be read again. */
const whole = new Map<string, string>();

/**
 * Holds the files of a load's database to what was written, for a Parquet file has no checksums of its own, and has the views look for
 * them where they lie: the folder may have been moved since. Throws `DATA_DAMAGED`.
 */
export async function findKeptFiles(
  staging: Pick<StagingClient, 'query' | 'run'>,
  planId: PlanId,
  folder: string,
): Promise<void> {
  const { keptFile } = tablesOf(planId);
  for (const row of await staging.query(`SELECT name, folder, sha256 FROM ${keptFile}`)) {
    const [name, before] = [textOf(row, 'name'), textOf(row, 'folder')];
    const now = join(folder, lastOf(before));
    await holdWhole(fileOf(now, name), textOf(row, 'sha256'));
    if (now === before) continue;
    await staging.run(
      `${fileView(planId, name, fileOf(now, name))}; UPDATE ${keptFile} SET folder = ${quoteText(now)} WHERE name = ${quoteText(name)}`,
    );
  }
}

async function holdWhole(path: string, sha256: string): Promise<void> {
  const stamp = async () => {
    const { size, mtimeMs, ino } = await stat(path);
    return `${size} ${mtimeMs} ${ino} ${sha256}`;
  };
  const found = await stamp().catch(() => null);
  if (found !== null && whole.get(path) === found) return;
  if (found === null || (await digestOfFile(path).catch(() => null)) !== sha256)
    throw new FailureError({ code: 'DATA_DAMAGED', what: 'The database of this load' });
  whole.set(path, found);
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

/** The name of a folder, whichever system wrote its path. */
function lastOf(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? '';
}

/** Removes what was sent and what came back, and what earlier attempts that were broken off left behind. */
async function dropLeftovers(staging: Pick<StagingClient, 'query'>, planId: PlanId, folder: string): Promise<void> {
  const found = await staging.query(`SELECT DISTINCT folder FROM ${tablesOf(planId).keptFile}`);
  const used = found.map((row) => lastOf(textOf(row, 'folder')));
  for (const name of await readdir(folder).catch(refused)) {
    const goes = PART_FILE.test(name) || (KEPT.test(name) && !used.includes(name));
    if (goes) await rm(join(folder, name), { recursive: true, force: true }).catch(refused);
  }
}
