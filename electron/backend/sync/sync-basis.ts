import { FailureError } from '../../../shared/contract/failure.ts';
import { matchColumn, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { Digest } from '../../../shared/domain/ids.ts';
import type { JobDefinition } from '../../../shared/domain/job.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { digestOf } from '../digest-of.ts';
import { foldKeySql, trimEdgesSql } from '../match/match-sql.ts';
import { comparedColumns } from '../plan/compare-rows.ts';
import { cell } from '../tables/tables.ts';

/**
 * What the agreed values of a sync hang on: which rows mean which records, and what they say of them. A job that says something else here
 * has to agree anew.
 */
export function basisOf(job: JobDefinition): Digest {
  const { object, operation, matchField, cleaning, blankValues, repeated } = job;
  const columns = [...job.columns, ...(job.madeColumns ?? [])].map(({ column, fills, format, replace, fixes }) => {
    return { column, fills, format, replace, fixes };
  });
  return digestOf([object, operation, matchField, columns, cleaning, blankValues, repeated]);
}

/** Throws `NOT_SUPPORTED` for a job that can't be a sync: its rows must name records, each for itself. */
export function refuseUnsyncable(job: JobDefinition): void {
  const refuse = (what: string, instead: string) => new FailureError({ code: 'NOT_SUPPORTED', what, instead });
  if (job.operation !== 'upsert' && job.operation !== 'update')
    throw refuse(
      `a sync that does ${job.operation}`,
      'Use an upsert by an external ID, or an update by Id. A policy makes an upsert create only, or update only.',
    );
  if (job.resembling || job.similar)
    throw refuse(
      'a sync that compares rows with one another or with records that resemble them',
      'Remove “resembling” and “similar” from the job.',
    );
  if (job.policies?.fillBlanksOnly === true || job.policies?.unlessChangedSince !== undefined)
    throw refuse(
      'a sync that fills blanks only, or leaves changed records alone',
      'Remove the policy. To keep what was changed in the org, use “orgChanges: keep”.',
    );
}

/** What of a sync's mapping its steps read. */
export interface SyncMapping {
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  readonly key: MappedColumn;
  readonly keyField: FieldDescribe;
  /** Those whose cells are agreed on, in the order of the state's lists. */
  readonly compared: readonly MappedColumn[];
}

/** Throws `NOT_SUPPORTED` for an object that doesn't say when its records were changed. */
export function syncMapping(
  mapping: FieldMapping,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
): SyncMapping {
  const key = matchColumn(mapping);
  const keyField = mapping.matchField === null ? undefined : fieldNamed(describe, mapping.matchField);
  if (!key || !keyField)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: 'a sync without a key',
      instead: 'Map a column to the external ID, or to Id.',
    });
  if (!fieldNamed(describe, 'SystemModstamp'))
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `a sync of ${describe.label}, whose records don’t say when they were changed`,
      instead: 'Run the job without “sync”.',
    });
  return { mapping, describe, parents, key, keyField, compared: comparedColumns(mapping) };
}

/**
 * The key of a row as SQL over its cells, the same for spellings that name one record: text in whatever case where the org doesn't tell it
 * apart, Ids of 15 characters or 18. Numbers are told apart by how they are written.
 */
export function rowKeySql({ key, keyField }: Pick<SyncMapping, 'key' | 'keyField'>, row: string): string {
  const text = trimEdgesSql(`coalesce(${row}.${cell(key.column)}, '')`);
  return keyField.type === 'id' ? `left(${text}, 15)` : foldKeySql(text, keyField);
}

/**
 * 64 bits of a text's MD5: two texts have the same by chance once in 10^19 times. DuckDB's own `hash` may be another with its next version,
 * and what is agreed outlives that.
 */
export function digestSql(sql: string): string {
  return `md5_number_lower(${sql})`;
}
