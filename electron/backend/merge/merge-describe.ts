import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { RESEMBLING_OBJECTS } from '../../../shared/domain/merge.ts';
import { FieldDescribe, SObjectSummary, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { ChildLookup, MergeFieldInfo } from './group-facts.ts';

/** What a describe says about merging (REST API Developer Guide, "sObject Describe"). */
const Described = z.object({
  labelPlural: z.string(),
  mergeable: z.boolean().default(false),
  fields: z.array(FieldDescribe),
  childRelationships: z.array(z.object({ childSObject: z.string(), field: z.string() })),
});
const Global = z.object({ sobjects: z.array(SObjectSummary.extend({ mergeable: z.boolean().default(false) })) });

/** Determined by Salesforce from the other lookups of an activity, which are given back (Object Reference, "Task", AccountId). */
const FOLLOWING = new Set(['Task.AccountId', 'Event.AccountId']);

export interface MergeDescribe {
  readonly labelPlural: string;
  readonly fields: readonly MergeFieldInfo[];
  readonly nameField: string;
  readonly lookups: readonly ChildLookup[];
}

/** Objects whose records the org merges; `resembling` where their duplicates can be looked for. */
export async function mergeableObjects(
  client: OrgClient,
  signal: AbortSignal,
): Promise<{ name: string; labelPlural: string; resembling: boolean }[]> {
  const { sobjects } = await client.get('sobjects', Global, signal);
  const known: readonly string[] = RESEMBLING_OBJECTS;
  return sobjects
    .filter(({ mergeable, deletable, updateable }) => mergeable && deletable && updateable)
    .map(({ name, labelPlural }) => ({ name, labelPlural, resembling: known.includes(name) }));
}

/** Throws `NOT_SUPPORTED` for an object whose records the org does not merge. */
export async function describeForMerge(
  client: OrgClient,
  objectName: string,
  describeOf: (objectName: string) => Promise<SObjectDescribe>,
  signal: AbortSignal,
): Promise<MergeDescribe> {
  const described = await client.get(`sobjects/${encodeURIComponent(objectName)}/describe`, Described, signal);
  if (!described.mergeable)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `merging ${described.labelPlural}`,
      instead: 'Salesforce merges accounts, contacts, and leads.',
    });
  const { sobjects } = await client.get('sobjects', Global, signal);
  const lookups: ChildLookup[] = [];
  for (const { childSObject, field } of described.childRelationships) {
    const child = sobjects.find(({ name }) => name === childSObject);
    // Shares, history and feeds are Salesforce's own, and go with their record.
    if (!child?.queryable || !child.createable || /(Share|History|Feed)$/.test(childSObject)) continue;
    const known = (await describeOf(childSObject)).fields.find(({ name }) => name === field);
    if (!known || field === 'MasterRecordId' || FOLLOWING.has(`${childSObject}.${field}`)) continue;
    const { labelPlural } = child;
    lookups.push({ objectName: childSObject, labelPlural, field, updateable: child.updateable && known.updateable });
  }
  return {
    labelPlural: described.labelPlural,
    fields: fieldsOf(described.fields),
    nameField: nameFieldOf(described),
    lookups,
  };
}

function nameFieldOf({ fields }: Pick<z.infer<typeof Described>, 'fields'>): string {
  return fields.find(({ nameField }) => nameField)?.name ?? 'Id';
}

/** All fields that a query can name but compound ones, which come in their parts, and files. */
function fieldsOf(fields: readonly FieldDescribe[]): MergeFieldInfo[] {
  const addresses = new Set(fields.filter(({ type }) => type === 'address').map(({ name }) => name));
  return fields
    .filter(({ type }) => !['address', 'location', 'base64', 'complexvalue', 'anyType'].includes(type))
    .map((field) => {
      const { name, label, updateable, externalId, unique, compoundFieldName, referenceTo } = field;
      const unit = compoundFieldName && addresses.has(compoundFieldName) ? compoundFieldName : name;
      // "External ID fields cannot be used with merge()" (SOAP API guide); a unique value is its owner's, who may come back.
      return { name, label, unit, settable: updateable && !externalId && !unique, updateable, referenceTo };
    });
}
