import { FailureError } from '../../../shared/contract/failure.ts';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';

/** Describes of the objects that lookups of `describe` point to, by lower-case name; of all of them or of those named. */
export async function parentDescribes(
  orgs: Pick<OrgDirectory, 'describe'>,
  orgId: OrgId,
  describe: SObjectDescribe,
  names?: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Map<string, SObjectDescribe>> {
  const wanted = new Set(
    describe.fields.flatMap((field) =>
      field.type === 'reference' && (field.createable || field.updateable) ? field.referenceTo : [],
    ),
  );
  const parents = new Map<string, SObjectDescribe>();
  for (const name of wanted) {
    if (names && !names.has(name.toLowerCase())) continue;
    // A parent this user cannot see can't be matched by its external id; the others still can.
    const parent = await orgs.describe(orgId, name, false, signal).catch((error: unknown) => {
      if (error instanceof FailureError && error.failure.code === 'OBJECT_UNKNOWN') return null;
      throw error;
    });
    if (parent) parents.set(name.toLowerCase(), parent);
  }
  return parents;
}

/** Describes of the objects whose fields fill lookups of a mapping. */
export function mappedParents(
  orgs: Pick<OrgDirectory, 'describe'>,
  orgId: OrgId,
  describe: SObjectDescribe,
  mapping: FieldMapping,
  signal?: AbortSignal,
): Promise<Map<string, SObjectDescribe>> {
  const named = mappedColumns(mapping).flatMap(({ target }) =>
    target.kind === 'lookup' || target.kind === 'found' ? [target.parentObject.toLowerCase()] : [],
  );
  return parentDescribes(orgs, orgId, describe, new Set(named), signal);
}

/** An object that Ids in a column may be of. */
export type Referenced = Pick<SObjectDescribe, 'name' | 'label' | 'keyPrefix' | 'queryable'>;

/** The objects that columns of Ids may lead to, without those the user can't see. */
export async function referencedObjects(
  orgs: Pick<OrgDirectory, 'describe'>,
  orgId: OrgId,
  describe: SObjectDescribe,
  mapping: FieldMapping,
  signal?: AbortSignal,
): Promise<Referenced[]> {
  const named = mappedColumns(mapping).flatMap(({ target }) =>
    target.kind === 'field' ? (fieldNamed(describe, target.field)?.referenceTo ?? []) : [],
  );
  const names = new Set(named.map((name) => name.toLowerCase()));
  const described = await parentDescribes(orgs, orgId, describe, names, signal);
  return [...described.values()].map(({ name, label, keyPrefix, queryable }) => ({
    name,
    label,
    keyPrefix,
    queryable,
  }));
}

/** What their Ids begin with, by lower-case name. */
export function keyPrefixesOf(referenced: readonly Referenced[]): Map<string, string> {
  return new Map(
    referenced.flatMap(({ name, keyPrefix }) => (keyPrefix ? [[name.toLowerCase(), keyPrefix] as const] : [])),
  );
}
