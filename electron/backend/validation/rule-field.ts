import { bulkHeader, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { StagedSource } from '../source/staged-sources.ts';

/** What checking the values of a source goes by. */
export interface CheckInput {
  readonly source: StagedSource;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly parents: ReadonlyMap<string, SObjectDescribe>;
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
