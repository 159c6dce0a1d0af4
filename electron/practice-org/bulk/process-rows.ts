import type { Org } from '../org.ts';
import { deleteRecord, hardDeleteRecord } from '../records/delete-records.ts';
import type { Session } from '../records/org-data.ts';
import type { JobMark, RecordTable } from '../records/record-store.ts';
import { readCells, resolveColumn, type ColumnTarget } from '../records/read-values.ts';
import { bulkError, refuse, type SaveResult } from '../records/save-error.ts';
import type { Assignment } from '../records/assignment-rules.ts';
import { AssignedValues } from '../records/assigned-values.ts';
import { attempt, existingById, saveRecord, upsertRecord, type SaveContext } from '../records/save-record.ts';
import type { Field } from '../schema/schema.ts';
import { echoedText, quoted } from './csv.ts';
import { UploadError, type UploadRow } from './upload-reader.ts';

/** Rows saved in one go; a repeated external id clashes only inside one (Bulk API guide, "How Requests Are Processed"). */
export const CHUNK = 200;

export const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Told of a chunk's results just before the chunk is kept. */
export interface ChunkMark extends JobMark {
  readonly note: (results: readonly SaveResult[]) => void;
}

export interface RowsOf {
  readonly org: Org;
  readonly session: Session;
  readonly table: RecordTable;
  readonly operation: Operation;
  readonly externalIdFieldName: string | null;
  readonly assignmentRuleId: string | null;
  readonly header: readonly string[];
  /** `com/salesforce/api/bulkapi/66.0`, for change events. */
  readonly origin: string;
  /** Whose row locks these are: one batch's, unless `save` says which. */
  readonly lockOwner: string;
}

/** Whose row locks a chunk's are, where a job's batches are worked on at once; they are held until they are released. */
export interface BatchLocks {
  readonly owner: string;
}

/** Saves the rows of an upload, the same way for both Bulk APIs. Throws `UploadError` for a header that has no field. */
export class RowSaver {
  readonly #of: RowsOf;
  readonly #targets: readonly ColumnTarget[];
  readonly #idColumn: number;
  readonly #keyColumn: number;
  readonly #key: Field | null;
  readonly #values = new AssignedValues();

  constructor(of: RowsOf) {
    this.#of = of;
    const { store } = of.org.data;
    this.#targets = of.header.map((name) => {
      const target = resolveColumn(store, of.table, name);
      if (!target) throw new UploadError(`InvalidBatch : Field name not found : ${name}`);
      return target;
    });
    this.#key = of.table.field(of.externalIdFieldName ?? '') ?? null;
    const columnOf = (field: Field | null | undefined): number =>
      this.#targets.findIndex((target) => target.kind === 'field' && target.field === field);
    this.#idColumn = columnOf(of.table.field('Id'));
    this.#keyColumn = columnOf(this.#key);
  }

  /**
   * At most `CHUNK` rows; `holdFor` is how long the chunk takes at the org's pace, in ms. `mark` is kept with the records
   * in one step, and hears of the results just before.
   */
  save(
    rows: readonly UploadRow[],
    holdFor: number,
    mark: ChunkMark | null = null,
    locks: BatchLocks | null = null,
  ): SaveResult[] {
    const { org, session, origin, assignmentRuleId: id } = this.#of;
    const lockOwner = locks?.owner ?? this.#of.lockOwner;
    const assignment: Assignment = id === null ? { kind: 'none' } : { kind: 'rule', id };
    const seen = new Set<string>();
    const lockUntil = locks ? Infinity : org.data.now() + holdFor;
    return org.saves(session, { origin, assignment, lockOwner, lockUntil, mark }, (context) => {
      const results = rows.map((row) =>
        row.problem === null ? this.#saveRow(context, row.cells, seen) : malformed(row.problem),
      );
      mark?.note(results);
      return results;
    });
  }

  #saveRow(context: SaveContext, row: readonly string[], seen: Set<string>): SaveResult {
    const { operation, table } = this.#of;
    const id = row[this.#idColumn] ?? '';
    switch (operation) {
      case 'insert':
        return attempt(null, () => saveRecord(context, table, readCells(this.#targets, row, this.#values), null));
      case 'update':
        return attempt(id === '' ? null : id, () => {
          if (id === '') refuse('MISSING_ARGUMENT', 'Id not specified in an update call');
          const existing = existingById(table, id);
          return saveRecord(context, table, readCells(this.#targets, row, this.#values), existing);
        });
      case 'upsert':
        return attempt(null, () => {
          const field = this.#key;
          if (!field) refuse('MISSING_ARGUMENT', `${this.#of.externalIdFieldName ?? 'External id'} not specified`);
          const given = row[this.#keyColumn] ?? '';
          return upsertRecord(
            context,
            table,
            field,
            given === '#N/A' ? '' : given,
            readCells(this.#targets, row, this.#values),
            seen,
          );
        });
      case 'delete':
        return attempt(id === '' ? null : id, () => deleteRecord(context, table, id));
      case 'hardDelete':
        return attempt(id === '' ? null : id, () => hardDeleteRecord(context, table, id));
    }
  }

  get targets(): readonly ColumnTarget[] {
    return this.#targets;
  }
}

function malformed(problem: string): SaveResult {
  return attempt(null, () => refuse('INVALID_FIELD', problem));
}

/** What a result file says of a row. */
export interface RowResult {
  readonly id: string | null;
  readonly created: boolean;
  /** As `sf__Error` has it, or null for success. */
  readonly error: string | null;
}

export function rowResult(result: SaveResult): RowResult {
  const { id, created } = result;
  return { id, created, error: result.success ? null : bulkError(result.errors) };
}

/** A result row: what Salesforce adds in front, and the cells as the result files echo them. */
export function resultRow(
  targets: readonly ColumnTarget[],
  row: readonly string[],
  result: RowResult,
  delimiter: string,
): string {
  let text = `${quoted(result.id ?? '')}${delimiter}${result.error === null ? `"${String(result.created)}"` : quoted(result.error)}`;
  for (let column = 0; column < row.length; column++) {
    const target = targets[column];
    const cell = row[column] ?? '';
    text += delimiter + quoted(target?.kind === 'field' ? echoedText(cell, target.field) : cell);
  }
  return `${text}\n`;
}

/** Gives way to other callers, for so long at least; `stop` cuts it short. */
export function pause(milliseconds: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds <= 1 || stop?.aborted) {
      setImmediate(resolve);
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    stop?.addEventListener('abort', end);
  });
}
