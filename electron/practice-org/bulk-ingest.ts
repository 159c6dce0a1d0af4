import {
  bulkError,
  deleteRecord,
  insertRecord,
  resolveColumn,
  updateRecord,
  upsertRecord,
  type Cell,
  type ColumnTarget,
  type SaveContext,
  type SaveResult,
} from './save-record.ts';
import { DELIMITERS, echoedText, quotedRow, readUpload } from './bulk-csv.ts';
import { seededRandom } from './generate-records.ts';
import type { RecordStore } from './record-store.ts';
import type { Profile } from './schema.ts';

/** Rows handled in one go; Salesforce saves in chunks of 200 and a repeated external id clashes only inside one. */
const CHUNK = 200;

export type IngestState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

export interface IngestJob {
  readonly id: string;
  readonly object: string;
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete';
  readonly externalIdFieldName: string | null;
  readonly lineEnding: 'LF' | 'CRLF';
  readonly columnDelimiter: string;
  readonly apiVersion: string;
  readonly createdById: string;
  readonly profile: Profile;
  readonly createdDate: number;
  state: IngestState;
  upload: Buffer | null;
  header: string[];
  successful: string[];
  failed: string[];
  /** Rows of the upload that are still to be processed; they are what `unprocessedrecords` gives once the job has ended. */
  pending: string[][];
  processedCount: number;
  failedCount: number;
  errorMessage: string | null;
}

export interface ProcessingPace {
  /** 0 means as fast as it goes. */
  rowsPerSecond: number;
  /** Milliseconds between UploadComplete and InProgress. */
  queueDelay: number;
  now: () => number;
}

/** Runs a closed job to its end in the background, giving way after every chunk. */
export async function processJob(store: RecordStore, job: IngestJob, pace: ProcessingPace): Promise<void> {
  await pause(pace.queueDelay);
  if (stateOf(job) === 'Aborted') return;
  job.state = 'InProgress';
  const table = store.table(job.object);
  const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
  const upload = readUpload((job.upload ?? Buffer.alloc(0)).toString('utf8'), delimiter, job.lineEnding);
  job.upload = null;
  if ('jobError' in upload || !table) {
    job.errorMessage = 'jobError' in upload ? upload.jobError : `InvalidEntity : ${job.object}`;
    job.state = 'Failed';
    return;
  }
  job.header = upload.header;
  job.pending = upload.rows;
  const targets: ColumnTarget[] = [];
  for (const header of upload.header) {
    const target = resolveColumn(store, table, header);
    if (!target) {
      job.errorMessage = `InvalidBatch : Field name not found : ${header}`;
      job.state = 'Failed';
      return;
    }
    targets.push(target);
  }
  const context: SaveContext = { store, table, userId: job.createdById, profile: job.profile, now: pace.now };
  const externalId = table.object.byName.get((job.externalIdFieldName ?? '').toLowerCase());
  const startedAt = performance.now();
  for (let start = 0; start < upload.rows.length; start += CHUNK) {
    if (stateOf(job) === 'Aborted') return;
    const seen = new Set<string>();
    for (const row of upload.rows.slice(start, start + CHUNK)) {
      const cells: Cell[] = targets.map((target, column) => ({ target, text: row[column] ?? '', column }));
      const result = saveRow(context, job, cells, externalId, seen);
      const echoed = row.map((text, column) =>
        echoedText(text, targets[column]?.kind === 'field' ? targets[column].field : null),
      );
      job.processedCount++;
      if (result.success) {
        job.successful.push(quotedRow([result.id, String(result.created), ...echoed], delimiter));
      } else {
        job.failedCount++;
        job.failed.push(quotedRow([result.id ?? '', bulkError(result.errors), ...echoed], delimiter));
      }
    }
    job.pending = upload.rows.slice(start + CHUNK);
    const due =
      pace.rowsPerSecond > 0 ? (job.processedCount / pace.rowsPerSecond) * 1000 - (performance.now() - startedAt) : 0;
    await pause(due);
  }
  // Row order of results is not guaranteed (Bulk API 2.0 guide): the practice org makes sure that nobody relies on it.
  shuffle(job.successful, job.processedCount);
  shuffle(job.failed, job.processedCount + 1);
  if (stateOf(job) !== 'Aborted') job.state = 'JobComplete';
}

/** Read anew each time: another request may have aborted the job meanwhile. */
function stateOf(job: IngestJob): IngestState {
  return job.state;
}

function saveRow(
  context: SaveContext,
  job: IngestJob,
  cells: Cell[],
  externalId: import('./schema.ts').Field | undefined,
  seen: Set<string>,
): SaveResult {
  switch (job.operation) {
    case 'insert':
      return insertRecord(context, cells);
    case 'update':
      return updateRecord(context, cells);
    case 'upsert':
      return externalId ? upsertRecord(context, cells, externalId, seen) : insertRecord(context, cells);
    case 'delete':
    case 'hardDelete':
      return deleteRecord(context, cells);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => (milliseconds > 1 ? setTimeout(resolve, milliseconds) : setImmediate(resolve)));
}

function shuffle(list: unknown[], seed: number): void {
  const random = seededRandom(seed);
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}
