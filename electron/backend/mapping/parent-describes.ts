import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';

/** Describes of the objects that lookups of `describe` point to, by lower-case name; of all of them or of those named. */
export async function parentDescribes(
  orgs: Pick<OrgDirectory, 'describe'>,
  orgId: OrgId,
  describe: SObjectDescribe,
  names?: ReadonlySet<string>,
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
    const parent = await orgs.describe(orgId, name).catch((error: unknown) => {
      if (error instanceof FailureError && error.failure.code === 'OBJECT_UNKNOWN') return null;
      throw error;
    });
    if (parent) parents.set(name.toLowerCase(), parent);
  }
  return parents;
}
