import {
  type ColumnMapping,
  type FieldMapping,
  type MappingReason,
  onlyNames,
  type Operation,
} from '../../../shared/domain/field-mapping.ts';
import { isMatchField, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { fieldsOf } from './described-fields.ts';
import { findTarget, type Found, type Surroundings } from './find-target.ts';
import { ColumnValues } from './value-fit.ts';

/** One target a field: of two columns that would fill the same field the better-founded one keeps it. */
const STRENGTH: MappingReason[] = ['saved', 'chosen', 'name', 'relationship', 'label', 'synonym', 'content'];

/** What each column fills, each field at most once: of two columns for one field the better-founded one keeps it. */
export function findTargets(
  columns: readonly SourceColumn[],
  values: readonly ColumnValues[],
  around: Surroundings,
  operation: Operation,
): { found: Found[]; taken: ReadonlyMap<string, number> } {
  const times = new Map<string, number>();
  for (const { name } of columns) times.set(name.toLowerCase(), (times.get(name.toLowerCase()) ?? 0) + 1);
  const found = columns.map(({ name }, index): Found => {
    if (name !== '' && (times.get(name.toLowerCase()) ?? 0) > 1) {
      return { target: { kind: 'ignored' }, reason: 'repeated-header' };
    }
    return findTarget(name, values[index] ?? new ColumnValues([]), around, !onlyNames(operation));
  });
  const taken = new Map<string, number>();
  found.forEach(({ target, reason }, index) => {
    if (target.kind === 'ignored') return;
    const holder = taken.get(target.field);
    const stronger =
      holder === undefined || STRENGTH.indexOf(reason) < STRENGTH.indexOf(found[holder]?.reason ?? 'no-match');
    const loser = stronger ? holder : index;
    if (stronger) taken.set(target.field, index);
    if (loser !== undefined) found[loser] = { target: { kind: 'ignored' }, reason: 'no-match' };
  });
  return { found, taken };
}

function keyPrefixesOf(
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
): ReadonlyMap<string, string> {
  const known = [describe, ...parents.values()].flatMap(({ name, keyPrefix }): [string, string][] =>
    keyPrefix ? [[name.toLowerCase(), keyPrefix]] : [],
  );
  return new Map(known);
}

/** Suggests a target for every column, with the reason. Columns that share a header are left to choose by hand (F19). */
export function suggestMapping(
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
  /** A few values a column, by column index; they confirm what a header says and tell what it leaves out. */
  examples: readonly (readonly string[])[],
  operation: Operation,
): FieldMapping {
  const around = {
    fields: fieldsOf(describe, operation),
    parents,
    prefixes: { own: describe.keyPrefix, of: keyPrefixesOf(describe, parents) },
  };
  const values = columns.map(({ index }) => new ColumnValues(examples[index] ?? []));
  const { found, taken } = findTargets(columns, values, around, operation);
  return {
    objectName: describe.name,
    operation,
    matchField: suggestMatchField(describe, operation, [...taken.keys()]),
    columns: columns.map((column, index): ColumnMapping => {
      const { target, reason } = found[index] ?? { target: { kind: 'ignored' }, reason: 'no-match' };
      return { column: column.index, target, reason, format: {}, replacements: {}, fixes: [] };
    }),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

/** Update and delete match by Id; upsert by the external id that the file has, unique ones first. */
export function suggestMatchField(
  describe: SObjectDescribe,
  operation: Operation,
  mapped: readonly string[],
): string | null {
  if (operation === 'insert') return null;
  if (operation !== 'upsert') return 'Id';
  const candidates = describe.fields.filter(isMatchField).sort((a, b) => rank(a) - rank(b));
  return (
    (
      candidates.find((field) => mapped.includes(field.name)) ??
      candidates.find((field) => field.externalId) ??
      candidates[0]
    )?.name ?? null
  );
}

function rank(field: FieldDescribe): number {
  if (field.externalId) return field.unique ? 0 : 1;
  return field.type === 'id' ? 2 : 3;
}
