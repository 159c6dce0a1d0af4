import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { JobColumn, JobDefinition } from '../../../shared/domain/job.ts';
import { filledField, fromJobMapping, neededColumns } from '../../../shared/domain/job-mapping.ts';
import type { RunHold } from '../../../shared/domain/run.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { fitJsonMapping } from '../mapping/files/json-mapping.ts';
import type { Described } from '../mapping/fit-mapping.ts';

/** A job brought to a file and an org: with `holds` it must not be loaded by. */
interface FittedJob {
  readonly mapping: FieldMapping;
  readonly cleaning: readonly CleaningStep[];
  readonly holds: readonly RunHold[];
  /** Columns that the job does not know; they are not loaded. */
  readonly newColumns: readonly string[];
}

/**
 * Brings a job to the columns that its file has now and to its org as it is. Nothing is left out of it for not being there: what it was
 * saved with must all be there still, as it was. Only columns that it doesn't know may come. Pure.
 */
export function fitJob(job: JobDefinition, fileColumns: readonly string[], described: Described): FittedJob {
  const { file } = fromJobMapping(job);
  const fitted = fitJsonMapping(file, fileColumns, described);
  const holds: RunHold[] = columnHolds(job, fileColumns);
  const gone = new Set(holds.map((hold) => ('column' in hold ? hold.column : '')));
  for (const misfit of fitted.misfits) {
    // Told above already, in the words of a job.
    const isTold = misfit.code === 'COLUMN_GONE' && gone.has(misfit.column);
    if (misfit.code !== 'COLUMNS_NEW' && !isTold) holds.push({ code: 'MISFIT', misfit });
  }
  holds.push(...drifted(job, described.describe));
  const newColumns = fitted.misfits.flatMap((misfit) => (misfit.code === 'COLUMNS_NEW' ? misfit.columns : []));
  return { mapping: fitted.mapping, cleaning: fitted.cleaning, holds, newColumns };
}

/** How often each name is there, in whatever case. */
function countNames(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return counts;
}

function columnHolds(job: JobDefinition, fileColumns: readonly string[]): RunHold[] {
  const before = countNames(job.columns.map(({ column }) => column));
  const now = countNames(fileColumns);
  const told = new Set<string>();
  return neededColumns(job).flatMap((place): RunHold[] => {
    const name = job.columns[place]?.column ?? '';
    const key = name.toLowerCase();
    const [had, has] = [before.get(key) ?? 0, now.get(key) ?? 0];
    if (had === has || told.has(key)) return [];
    told.add(key);
    return [{ code: has < had ? 'COLUMN_GONE' : 'COLUMN_REPEATED', column: columnLabel(name, place) }];
  });
}

/** Fields that are there and are not what they were when the job was saved. */
function drifted(job: JobDefinition, describe: SObjectDescribe): RunHold[] {
  return [...job.columns, ...(job.madeColumns ?? [])].flatMap((saved): RunHold[] => {
    const { column, fills, type, length, anyValue } = saved;
    const field = fills === undefined ? undefined : fieldNamed(describe, filledField(fills));
    if (!field) return [];
    const { name } = field;
    if (type !== undefined && field.type !== type)
      return [{ code: 'FIELD_RETYPED', column, field: name, was: type, now: field.type }];
    if (length !== undefined && field.length < length)
      return [{ code: 'FIELD_SHORTENED', column, field: name, was: length, now: field.length }];
    return anyValue && field.restrictedPicklist ? [{ code: 'PICKLIST_CLOSED', column, field: name }] : [];
  });
}

/** Types whose values are cut or refused by how long they are. */
const TEXTS: ReadonlySet<string> = new Set(['string', 'textarea', 'email', 'phone', 'url']);
const PICKLISTS: ReadonlySet<string> = new Set(['picklist', 'multipicklist']);

/** What of a field a run is held to. */
function factsOf({ type, length, restrictedPicklist }: FieldDescribe): Pick<JobColumn, 'type' | 'length' | 'anyValue'> {
  return {
    type,
    ...(TEXTS.has(type) && length > 0 ? { length } : {}),
    ...(PICKLISTS.has(type) && !restrictedPicklist ? { anyValue: true as const } : {}),
  };
}

/** A job's columns with what their fields are now. */
export function withTypes(columns: readonly JobColumn[], describe: SObjectDescribe): JobColumn[] {
  return columns.map(({ column, fills, ...others }) => {
    const field = fills === undefined ? undefined : fieldNamed(describe, filledField(fills));
    return { column, ...(fills === undefined ? {} : { fills }), ...(field ? factsOf(field) : {}), ...others };
  });
}
