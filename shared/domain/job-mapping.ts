import { columnsMadeBy, type CleaningStep, type ColumnName, type NamedStep } from './cleaning.ts';
import type { ColumnMapping, FieldMapping, MappingTarget } from './field-mapping.ts';
import type { Fills, JobColumn, JobDefinition } from './job.ts';
import { MAPPING_FILE_VERSION, type MappingFile } from './mapping-file.ts';
import type { SimilarBy } from './similar-rows.ts';

/** What of a job's definition says how columns become fields. */
export type JobMapping = Omit<
  JobDefinition,
  'name' | 'org' | 'source' | 'read' | 'resembling' | 'apiBudgetPercent' | 'guards' | 'sync'
>;

/** A column that a job names and does not have, and where it names it. */
export interface UnknownColumn {
  readonly path: readonly (string | number)[];
  readonly column: ColumnName;
}

/** Columns by their names, and the other way round. */
interface ColumnIndex {
  /** How a column is named among the others. */
  readonly nameOf: (place: number) => ColumnName;
  /** The place of a named column; null where there is none such. */
  readonly placeOf: (column: ColumnName) => number | null;
}

function indexOf(names: readonly string[]): ColumnIndex {
  const places = new Map<string, number[]>();
  const times = names.map((name, place) => {
    const same = places.get(name.toLowerCase()) ?? [];
    places.set(name.toLowerCase(), same);
    return same.push(place);
  });
  return {
    nameOf: (place) => {
      const [name = '', nth = 1] = [names[place], times[place]];
      return nth === 1 ? name : { name, nth };
    },
    placeOf: (column) => {
      const { name, nth } = typeof column === 'string' ? { name: column, nth: 1 } : column;
      return places.get(name.toLowerCase())?.[nth - 1] ?? null;
    },
  };
}

/** Names in the place of places. What is of one file only, or of an undo, has no part in it. */
export function toJobMapping({ fileColumns, cleaning, mapping }: Omit<MappingFile, 'kind' | 'version'>): JobMapping {
  const made = cleaning.flatMap(columnsMadeBy);
  const names = [...fileColumns, ...made];
  const { nameOf: name } = indexOf(names);
  const byPlace = new Map(mapping.columns.map((entry) => [entry.column, entry]));
  const columns = names.map((column, place) => toJobColumn(column, byPlace.get(place), name));
  const { newestBy, repeatedBy, similar, policies, shownFields } = mapping;
  return {
    object: mapping.objectName,
    operation: mapping.operation,
    matchField: mapping.matchField,
    columns: columns.slice(0, fileColumns.length),
    ...(cleaning.length > 0 ? { cleaning: cleaning.map((step) => overColumns(step, name)) } : {}),
    ...(made.length > 0 ? { madeColumns: columns.slice(fileColumns.length) } : {}),
    blankValues: mapping.blankValues,
    repeated: {
      keep: mapping.duplicateKeys,
      ...(newestBy === undefined ? {} : { newestBy: name(newestBy) }),
      ...(repeatedBy === undefined ? {} : { by: repeatedBy.map(name) }),
    },
    ...(similar ? { similar: toJobSimilar(similar, name) } : {}),
    ...(policies ? { policies } : {}),
    ...(shownFields ? { shownFields } : {}),
  };
}

function toJobColumn(column: string, entry: ColumnMapping | undefined, name: (place: number) => ColumnName): JobColumn {
  if (!entry) return { column };
  const fills = toFills(entry.target, name);
  const replace = Object.entries(entry.replacements).map(([from, to]) => ({ from, to }));
  return {
    column,
    ...(fills === null ? {} : { fills }),
    ...(Object.keys(entry.format).length > 0 ? { format: entry.format } : {}),
    ...(replace.length > 0 ? { replace } : {}),
    ...(entry.fixes.length > 0 ? { fixes: entry.fixes } : {}),
    ...(entry.neverOverwrite === undefined ? {} : { neverOverwrite: entry.neverOverwrite }),
  };
}

function toFills(target: MappingTarget, name: (place: number) => ColumnName): Fills | null {
  if (target.kind === 'ignored') return null;
  if (target.kind === 'field')
    return target.ids ? { kind: 'field', field: target.field, ids: target.ids } : target.field;
  if (target.kind === 'lookup') return target;
  const { and, ...found } = target;
  return { ...found, and: and && { parentField: and.parentField, column: name(and.column) } };
}

function toJobSimilar(similar: SimilarBy, name: (place: number) => ColumnName): NonNullable<JobDefinition['similar']> {
  const { columns, equal, keep, newestBy, threshold } = similar;
  return {
    by: columns.map(name),
    ...(equal.length > 0 ? { equal: equal.map(name) } : {}),
    keep,
    ...(newestBy === undefined ? {} : { newestBy: name(newestBy) }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** A step over other columns, or over columns that are named in another way. */
function overColumns(step: CleaningStep, name: (place: number) => ColumnName): NamedStep {
  if ('column' in step) return { ...step, column: name(step.column) };
  return 'columns' in step ? { ...step, columns: step.columns.map(name) } : step;
}

/**
 * Places in the place of names: a mapping of the columns that the job was saved with. `unknown` are columns that it names and has not; of
 * a job with such there is no mapping.
 */
export function fromJobMapping(job: JobMapping): { file: MappingFile; unknown: UnknownColumn[] } {
  const made = job.madeColumns ?? [];
  const all = [...job.columns, ...made];
  const index = indexOf(all.map(({ column }) => column));
  const unknown: UnknownColumn[] = [];
  const place = (column: ColumnName, ...path: (string | number)[]): number => {
    const found = index.placeOf(column);
    if (found === null) unknown.push({ path, column });
    return found ?? 0;
  };
  const columns = all.map((column, at): ColumnMapping => {
    const isMade = at >= job.columns.length;
    const path = isMade ? ['madeColumns', at - job.columns.length] : ['columns', at];
    return fromJobColumn(column, at, (second) => place(second, ...path, 'fills', 'and', 'column'));
  });
  const { keep, newestBy, by } = job.repeated;
  const { similar, policies, shownFields } = job;
  const mapping: FieldMapping = {
    objectName: job.object,
    operation: job.operation,
    matchField: job.matchField,
    columns,
    blankValues: job.blankValues,
    duplicateKeys: keep,
    ...(newestBy === undefined ? {} : { newestBy: place(newestBy, 'repeated', 'newestBy') }),
    ...(by === undefined ? {} : { repeatedBy: by.map((one, at) => place(one, 'repeated', 'by', at)) }),
    ...(similar ? { similar: fromJobSimilar(similar, (one, ...path) => place(one, 'similar', ...path)) } : {}),
    ...(policies ? { policies } : {}),
    ...(shownFields ? { shownFields } : {}),
  };
  const cleaning = (job.cleaning ?? []).map((step, at): CleaningStep => {
    if ('column' in step) return { ...step, column: place(step.column, 'cleaning', at, 'column') };
    if (!('columns' in step)) return step;
    return { ...step, columns: step.columns.map((one, nth) => place(one, 'cleaning', at, 'columns', nth)) };
  });
  const fileColumns = job.columns.map(({ column }) => column);
  return {
    file: { kind: 'longshore-mapping', version: MAPPING_FILE_VERSION, fileColumns, cleaning, mapping },
    unknown,
  };
}

function fromJobColumn(column: JobColumn, index: number, place: (column: ColumnName) => number): ColumnMapping {
  return {
    column: index,
    target: fromFills(column.fills, place),
    reason: 'file',
    format: column.format ?? {},
    replacements: Object.fromEntries((column.replace ?? []).map(({ from, to }) => [from, to])),
    fixes: column.fixes ?? [],
    ...(column.neverOverwrite === undefined ? {} : { neverOverwrite: column.neverOverwrite }),
  };
}

function fromFills(fills: Fills | undefined, place: (column: ColumnName) => number): MappingTarget {
  if (fills === undefined) return { kind: 'ignored' };
  if (typeof fills === 'string') return { kind: 'field', field: fills };
  if (fills.kind !== 'found') return fills;
  const { and, ...found } = fills;
  return { ...found, and: and && { parentField: and.parentField, column: place(and.column) } };
}

function fromJobSimilar(
  { by, equal = [], keep, newestBy, threshold }: NonNullable<JobDefinition['similar']>,
  place: (column: ColumnName, ...path: (string | number)[]) => number,
): SimilarBy {
  return {
    columns: by.map((one, at) => place(one, 'by', at)),
    equal: equal.map((one, at) => place(one, 'equal', at)),
    keep,
    ...(newestBy === undefined ? {} : { newestBy: place(newestBy, 'newestBy') }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** The field that a column fills, by its API name. */
export function filledField(fills: Fills): string {
  return typeof fills === 'string' ? fills : fills.field;
}

/**
 * The columns of its file that a job needs, with the places of `columns`: those that fill a field, and those that steps and rules name.
 * A job without one of them would do something else than was meant.
 */
export function neededColumns(job: JobMapping): number[] {
  const { file } = fromJobMapping(job);
  const { newestBy, repeatedBy = [], similar, columns } = file.mapping;
  const filling = columns.flatMap(({ column, target }) => {
    if (target.kind === 'ignored') return [];
    return target.kind === 'found' && target.and ? [column, target.and.column] : [column];
  });
  const steps = file.cleaning.flatMap((step) =>
    'column' in step ? [step.column] : 'columns' in step ? step.columns : [],
  );
  const ruled = [newestBy, ...repeatedBy, ...(similar ? [...similar.columns, ...similar.equal, similar.newestBy] : [])];
  const needed = new Set([...filling, ...steps, ...ruled].filter((place) => place !== undefined));
  return [...needed].filter((place) => place < job.columns.length).sort((one, other) => one - other);
}
