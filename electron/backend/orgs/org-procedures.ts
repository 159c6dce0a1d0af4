import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from './org-directory.ts';

/** Signing in and out, and what an org says of its objects. */
export function orgProcedures(orgs: OrgDirectory): HandlersOf<'orgs'> {
  return {
    'orgs.list': () => orgs.list(),
    'orgs.signIn': ({ target, clientId }, signal) => orgs.signIn(target, clientId, signal),
    'orgs.signOut': async ({ orgId }) => {
      await orgs.signOut(orgId);
      return {};
    },
    'orgs.objects': ({ orgId }) => orgs.objects(orgId),
    'orgs.describe': ({ orgId, objectName }) => orgs.describe(orgId, objectName),
  };
}
