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

/** The field whose type a column's text must have: the mapped one, or for a lookup the parent's match field. */
export function ruleField(
  column: MappedColumn,
  describe: SObjectDescribe,
  parents: CheckInput['parents'],
): FieldDescribe {
  const { target } = column;
  const owner = target.kind === 'lookup' ? parents.get(target.parentObject.toLowerCase()) : describe;
  const field = owner && fieldNamed(owner, target.kind === 'lookup' ? target.parentField : target.field);
  if (!field) throw new Error(`a mapping with the unknown field ${bulkHeader(target)} came past checkMapping`);
  return field;
}

/** What ids in a column may begin with; none if the objects they may be of are not all known. */
export function idPrefixes(
  column: MappedColumn,
  { describe, parents, keyPrefixes }: Pick<CheckInput, 'describe' | 'parents' | 'keyPrefixes'>,
): string[] {
  const { target } = column;
  const field = ruleField(column, describe, parents);
  const owner = target.kind === 'lookup' ? parents.get(target.parentObject.toLowerCase()) : describe;
  const wanted =
    field.type === 'id' ? [owner?.keyPrefix] : field.referenceTo.map((name) => keyPrefixes.get(name.toLowerCase()));
  const known = wanted.flatMap((prefix) => prefix ?? []);
  return known.length === wanted.length ? known : [];
}
