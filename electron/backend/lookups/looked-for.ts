import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { ruleField, secondField } from '../validation/rule-field.ts';
import { isQueue, type FoundColumn } from './find-parents.ts';

/** In a person's words what a lookup looks for, and by what: facts of its sentences (`shared/text`). */
interface LookedFor {
  readonly parent: string;
  readonly parentField: string;
  readonly secondField?: string;
}

/** What the records are called that a lookup may lead to. */
function parentWord({ target }: FoundColumn, describe: SObjectDescribe, parent: SObjectDescribe | undefined): string {
  if (isQueue(target)) return `queue of ${describe.labelPlural}`;
  if (target.parentObject === 'RecordType') return `active ${describe.label} record type`;
  return parent?.label ?? target.parentObject;
}

export function lookedForFacts(
  column: FoundColumn,
  { describe, parents }: { describe: SObjectDescribe; parents: ReadonlyMap<string, SObjectDescribe> },
): LookedFor {
  const parent = parents.get(column.target.parentObject.toLowerCase());
  const pair = secondField(column, parents);
  const field = ruleField(column, describe, parents);
  return {
    parent: parentWord(column, describe, parent),
    parentField: field.type === 'id' ? 'Id' : field.label,
    ...(pair ? { secondField: pair.label } : {}),
  };
}
