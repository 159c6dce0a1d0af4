import { InvalidArgumentError } from 'commander';
import {
  mappedColumns,
  StopAfter,
  type AssignmentRule,
  type FieldMapping,
  type WritePolicies,
} from '../../../shared/domain/field-mapping.ts';
import type { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { ChosenWay } from '../../../shared/domain/load-way.ts';
import { ApiBudgetPercent, JobsAtOnce, MOST_JOBS_AT_ONCE } from '../../../shared/domain/settings.ts';
import { SimilarBy, type SimilarKeep } from '../../../shared/domain/similar-rows.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { placeOf } from './place-of.ts';
import { UsageError } from './usage-error.ts';

/** What a load leaves alone in the org, and how it writes. */
export interface PolicyFlags {
  readonly updateOnly?: boolean;
  readonly createOnly?: boolean;
  readonly fillBlanksOnly?: boolean;
  /** API names of fields. */
  readonly neverOverwrite?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly unlessChangedSince?: number;
  readonly way?: ChosenWay;
  readonly allowDuplicates?: boolean;
  readonly allOrNone?: boolean;
  readonly stopAfter?: StopAfter;
  /** How many jobs are worked on at the same time. */
  readonly jobs?: number;
  /** Id or name of a rule of the org. */
  readonly assignmentRule?: string;
  /** Which of several rows that repeat one another is sent. */
  readonly repeated?: FieldMapping['duplicateKeys'];
  /** Rows that are sent for their groups, whatever `repeated` says. */
  readonly sendRow?: readonly SourceRowNumber[];
  /** Names of columns. */
  readonly repeatedBy?: readonly string[];
  readonly newestBy?: string;
  /** Names of columns in which new rows are to be alike, and of those in which they are to be equal. */
  readonly similarBy?: readonly string[];
  readonly similarEqual?: readonly string[];
  readonly similar?: SimilarKeep;
  /** In bits over even odds. */
  readonly similarFrom?: number;
}

/** Reads a day, which begins at midnight here, or a day and a time with its zone. */
export function readMoment(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const moment = isDay || isMoment ? new Date(isDay ? `${text}T00:00` : text).getTime() : Number.NaN;
  // A day that no month has would be read as one of the next month.
  const isReal = isDay ? new Date(moment).getDate() === Number(text.slice(8)) : true;
  if (Number.isNaN(moment) || !isReal)
    throw new InvalidArgumentError(
      'Give a day, such as 2026-11-01, or a time with its zone, such as 2026-11-01T08:00Z.',
    );
  return moment;
}

/** Reads how many rows may fail, or what share of them. */
export function readStopAfter(text: string): StopAfter {
  const [, digits = '', percent = ''] = /^(\d{1,9}(?:\.\d+)?)\s?(%?)$/.exec(text) ?? [];
  const stop = StopAfter.safeParse(percent === '' ? { failures: Number(digits) } : { percent: Number(digits) });
  if (digits === '' || !stop.success)
    throw new InvalidArgumentError('Give a number of rows, such as 100, or a share, such as 5%.');
  return stop.data;
}

/** Reads how many jobs are worked on at the same time. */
export function readJobs(text: string): number {
  const jobs = JobsAtOnce.safeParse(/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN);
  if (!jobs.success) throw new InvalidArgumentError(`Give a number from 1 to ${MOST_JOBS_AT_ONCE}.`);
  return jobs.data;
}

/** Reads the share of the API calls left that a run may use without asking. */
export function readBudget(text: string): number {
  const percent = ApiBudgetPercent.safeParse(/^\d{1,3}%?$/.test(text) ? Number(text.replace('%', '')) : Number.NaN);
  if (!percent.success) throw new InvalidArgumentError('Give a number from 1 to 100.');
  return percent.data;
}

/** The mapping with what is given of rows that repeat one another. Throws `UsageError` for columns that are not there. */
export function withRepeats(
  mapping: FieldMapping,
  columns: readonly SourceColumn[],
  { repeated, repeatedBy, newestBy }: PolicyFlags,
): FieldMapping {
  if (repeatedBy !== undefined && mapping.operation !== 'insert')
    throw new UsageError('--repeated-by is for inserts: other rows repeat one another by the field they match by.');
  if (repeated === 'newest' && newestBy === undefined)
    throw new UsageError('--repeated newest needs --newest-by: the column that says when a row was written.');
  return {
    ...mapping,
    ...(repeated === undefined ? {} : { duplicateKeys: repeated }),
    ...(repeatedBy === undefined ? {} : { repeatedBy: repeatedBy.map((name) => placeOf(columns, name)) }),
    ...(newestBy === undefined ? {} : { newestBy: placeOf(columns, newestBy) }),
  };
}

/** Reads a score from which on rows are similar. */
export function readScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(Math.abs(score) <= 200))
    throw new InvalidArgumentError('Give a number from -200 to 200: 0 is as likely as not, 10 a thousand to one.');
  return score;
}

/** The mapping with what is given of rows that resemble one another. Throws `UsageError` for what can't be meant. */
export function withSimilar(
  mapping: FieldMapping,
  columns: readonly SourceColumn[],
  { similarBy, similarEqual = [], similar, similarFrom, newestBy }: PolicyFlags,
): FieldMapping {
  const before = mapping.similar;
  const isAsked = [similarBy, similar, similarFrom].some((flag) => flag !== undefined) || similarEqual.length > 0;
  if (!isAsked) return mapping;
  if (similarBy === undefined && before === undefined) {
    throw new UsageError('--similar, --similar-equal and --similar-from need --similar-by: the columns to compare.');
  }
  if (mapping.operation !== 'insert' && mapping.operation !== 'upsert')
    throw new UsageError('--similar-by is for inserts and upserts: it compares the rows that would make new records.');
  const keep = similar ?? before?.keep ?? 'all';
  const newest = newestBy === undefined ? before?.newestBy : placeOf(columns, newestBy);
  if (keep === 'newest' && newest === undefined)
    throw new UsageError('--similar newest needs --newest-by: the column that says when a row was written.');
  const places = similarBy?.map((name) => mappedPlace(mapping, columns, name)) ?? before?.columns ?? [];
  const equal = similarBy ? similarEqual.map((name) => mappedPlace(mapping, columns, name)) : (before?.equal ?? []);
  const threshold = similarFrom ?? before?.threshold;
  const compared = SimilarBy.safeParse({ columns: places, equal, keep, newestBy: newest, threshold });
  if (!compared.success) throw new UsageError('--similar-by and --similar-equal take at most ten columns each.');
  return { ...mapping, similar: compared.data };
}

/** The place of a column that fills a field. Throws `UsageError` for any other. */
function mappedPlace(mapping: FieldMapping, columns: readonly SourceColumn[], name: string): number {
  const place = placeOf(columns, name);
  if (!mappedColumns(mapping).some(({ column }) => column === place))
    throw new UsageError(`Column “${name}” is not mapped, so rows can’t be compared by it.`);
  return place;
}

/** The mapping with the policies given, in the place of its own. Throws `UsageError` for what the mapping cannot mean. */
export function withPolicies(mapping: FieldMapping, flags: PolicyFlags): FieldMapping {
  const {
    updateOnly,
    createOnly,
    fillBlanksOnly,
    neverOverwrite = [],
    unlessChangedSince,
    way,
    allowDuplicates,
    allOrNone,
    stopAfter,
    jobs,
  } = flags;
  if (updateOnly === true && createOnly === true)
    throw new UsageError('--update-only and --create-only together leave nothing to load.');
  if ((updateOnly === true || createOnly === true) && mapping.operation !== 'upsert')
    throw new UsageError('--update-only and --create-only are for upserts.');
  const isByJobs = way === 'bulk' || way === 'bulk-1';
  if (allowDuplicates === true && isByJobs)
    throw new UsageError('--allow-duplicates needs --way collections: Bulk API jobs can’t save such rows.');
  if (allOrNone === true && isByJobs)
    throw new UsageError('--all-or-none needs --way collections: Bulk API jobs save each row by itself.');
  if (mapping.operation === 'undelete' && (allOrNone === true || isByJobs))
    throw new UsageError('--all-or-none, --way bulk, and --way bulk-1 are not for undeletes.');
  if (mapping.operation === 'hardDelete' && (allOrNone === true || way === 'collections'))
    throw new UsageError(
      '--all-or-none and --way collections are not for hard deletes: only Bulk API jobs can do them.',
    );
  if (jobs !== undefined && jobs > 1 && (way === 'collections' || way === 'bulk-1'))
    throw new UsageError(
      '--jobs is for --way bulk: rows that go another way are sent one request or job after another.',
    );
  const columns = mapping.columns.map((column) => ({ ...column }));
  for (const name of neverOverwrite) {
    const column = columns.find(
      ({ target }) => target.kind !== 'ignored' && target.field.toLowerCase() === name.toLowerCase(),
    );
    if (!column) throw new UsageError(`No column is mapped to “${name}”, so nothing would overwrite it.`);
    column.neverOverwrite = true;
  }
  const given: WritePolicies = {
    ...(updateOnly === true ? { upsert: 'update-only' } : {}),
    ...(createOnly === true ? { upsert: 'create-only' } : {}),
    ...(fillBlanksOnly === true ? { fillBlanksOnly } : {}),
    ...(unlessChangedSince === undefined ? {} : { unlessChangedSince }),
    ...(way === undefined ? {} : { way }),
    ...(allowDuplicates === true ? { allowDuplicates } : {}),
    ...(allOrNone === true ? { allOrNone } : {}),
    ...(stopAfter === undefined ? {} : { stopAfter }),
    ...(jobs === undefined ? {} : { jobsAtOnce: jobs }),
  };
  return Object.keys(given).length === 0
    ? { ...mapping, columns }
    : { ...mapping, columns, policies: { ...mapping.policies, ...given } };
}

/** The mapping with an assignment rule of the org, which is named by its Id or its name. Throws `UsageError` if there is none such. */
export function withAssignmentRule(
  mapping: FieldMapping,
  rules: readonly AssignmentRule[],
  wanted: string,
): FieldMapping {
  const found = rules.filter(({ id, name }) => id.slice(0, 15) === wanted.slice(0, 15) || name === wanted);
  const [rule] = found;
  if (!rule || found.length > 1) {
    const names = rules.map(({ name }) => `“${name}”`).join(', ');
    throw new UsageError(
      rules.length === 0
        ? `The org has no assignment rule for ${mapping.objectName}.`
        : `--assignment-rule “${wanted}” ${rule ? 'names several rules: give the Id' : 'is not a rule of the org'}. The org has ${names}.`,
    );
  }
  return { ...mapping, policies: { ...mapping.policies, assignmentRule: { id: rule.id, name: rule.name } } };
}
