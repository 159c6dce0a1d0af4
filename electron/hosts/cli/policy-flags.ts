import { InvalidArgumentError } from 'commander';
import type { FieldMapping, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { placeOf } from './place-of.ts';
import { UsageError } from './usage-error.ts';

/** What a load leaves alone in the org. */
export interface PolicyFlags {
  readonly updateOnly?: boolean;
  readonly createOnly?: boolean;
  readonly fillBlanksOnly?: boolean;
  /** API names of fields. */
  readonly neverOverwrite?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly unlessChangedSince?: number;
  /** Which of several rows that repeat one another is sent. */
  readonly repeated?: FieldMapping['duplicateKeys'];
  /** Names of columns. */
  readonly repeatedBy?: readonly string[];
  readonly newestBy?: string;
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

/** The mapping with the policies given, in the place of its own. Throws `UsageError` for what the mapping cannot mean. */
export function withPolicies(mapping: FieldMapping, flags: PolicyFlags): FieldMapping {
  const { updateOnly, createOnly, fillBlanksOnly, neverOverwrite = [], unlessChangedSince } = flags;
  if (updateOnly === true && createOnly === true)
    throw new UsageError('--update-only and --create-only together leave nothing to load.');
  if ((updateOnly === true || createOnly === true) && mapping.operation !== 'upsert')
    throw new UsageError('--update-only and --create-only are for upserts.');
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
  };
  return Object.keys(given).length === 0
    ? { ...mapping, columns }
    : { ...mapping, columns, policies: { ...mapping.policies, ...given } };
}
