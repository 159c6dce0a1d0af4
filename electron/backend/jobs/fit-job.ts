import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { JobColumn, JobDefinition } from '../../../shared/domain/job.ts';
import { filledField, fromJobMapping, neededColumns } from '../../../shared/domain/job-mapping.ts';
import type { RunHold } from '../../../shared/domain/run.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
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
  holds.push(...retyped(job, described.describe));
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

function retyped(job: JobDefinition, describe: SObjectDescribe): RunHold[] {
  return [...job.columns, ...(job.madeColumns ?? [])].flatMap(({ column, fills, type }): RunHold[] => {
    const field = fills === undefined ? undefined : fieldNamed(describe, filledField(fills));
    if (type === undefined || !field || field.type === type) return [];
    return [{ code: 'FIELD_RETYPED', column, field: field.name, was: type, now: field.type }];
  });
}

/** A job's columns with the types that their fields have now. */
export function withTypes(columns: readonly JobColumn[], describe: SObjectDescribe): JobColumn[] {
  return columns.map(({ column, fills, ...others }) => {
    const field = fills === undefined ? undefined : fieldNamed(describe, filledField(fills));
    return { column, ...(fills === undefined ? {} : { fills }), ...(field ? { type: field.type } : {}), ...others };
  });
}
