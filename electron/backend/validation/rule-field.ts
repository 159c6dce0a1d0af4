import { bulkHeader, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { StagedSource } from '../source/staged-sources.ts';

/** What checking the values of a source goes by. */
export interface CheckInput {
  readonly source: StagedSource;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
  /** What ids of the objects begin with that lookups may lead to, by lower-case name. */
  readonly keyPrefixes: ReadonlyMap<string, string>;
  readonly timeZone: string;
}

/** The object whose field rules a column's text, and that field's name: the parent's for a lookup, else the mapped one. */
function ruling({ target }: MappedColumn, describe: SObjectDescribe, parents: CheckInput['parents']) {
  return target.kind === 'field'
    ? { owner: describe, name: target.field }
    : { owner: parents.get(target.parentObject.toLowerCase()), name: target.parentField };
}

/** The field whose type a column's text must have: the mapped one, or for a lookup the parent's that finds it. */
export function ruleField(
  column: MappedColumn,
  describe: SObjectDescribe,
  parents: CheckInput['parents'],
): FieldDescribe {
  const { owner, name } = ruling(column, describe, parents);
  const field = owner && fieldNamed(owner, name);
  if (!field) throw new Error(`a mapping with the unknown field ${bulkHeader(column.target)} came past checkMapping`);
  return field;
}

/** The second field that a lookup finds its parent by; null where one is enough. */
export function secondField({ target }: MappedColumn, parents: CheckInput['parents']): FieldDescribe | null {
  if (target.kind !== 'found' || !target.and) return null;
  const parent = parents.get(target.parentObject.toLowerCase());
  return (parent && fieldNamed(parent, target.and.parentField)) ?? null;
}

/** The field by whose rules what is sent is compared: of a lookup found beforehand its own, for an Id is sent. */
export function sentField(
  column: MappedColumn,
  describe: SObjectDescribe,
  parents: CheckInput['parents'],
): FieldDescribe {
  const own = column.target.kind === 'found' ? fieldNamed(describe, column.target.field) : undefined;
  return own ?? ruleField(column, describe, parents);
}

/** What ids in a column may begin with; none if the objects they may be of are not all known. */
export function idPrefixes(
  column: MappedColumn,
  { describe, parents, keyPrefixes }: Pick<CheckInput, 'describe' | 'parents' | 'keyPrefixes'>,
): string[] {
  const field = ruleField(column, describe, parents);
  const { owner } = ruling(column, describe, parents);
  const wanted =
    field.type === 'id' ? [owner?.keyPrefix] : field.referenceTo.map((name) => keyPrefixes.get(name.toLowerCase()));
  const known = wanted.flatMap((prefix) => prefix ?? []);
  return known.length === wanted.length ? known : [];
}
