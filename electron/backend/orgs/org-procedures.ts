import type { OrgId } from '../../../shared/domain/ids.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from './org-directory.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Signing in and out, and what an org says of its objects. `signedOut` takes away what there is of an org besides. */
export function orgProcedures(orgs: OrgDirectory, signedOut: (orgId: OrgId) => Promise<void>): HandlersOf<'orgs'> {
  return {
    'orgs.list': (_input, signal) => unlessAborted(orgs.list(), signal),
    'orgs.signIn': ({ target, clientId }, signal) => orgs.signIn(target, clientId, signal),
    'orgs.loginAddress': ({ target }) => Promise.resolve(target).then((where) => orgs.address(where)),
    'orgs.signInAgain': ({ orgId }, signal) => orgs.signInAgain(orgId, signal),
    'orgs.check': ({ orgId }, signal) => orgs.check(orgId, signal),
    'orgs.useToken': ({ target, accessToken, keep }, signal) => orgs.useToken(target, accessToken, keep, signal),
    'orgs.sfList': () => orgs.sfOrgs(),
    'orgs.useSf': ({ username }, signal) => orgs.useSf(username, signal),
    'orgs.signOut': async ({ orgId }) => {
      await orgs.signOut(orgId);
      await signedOut(orgId);
      return {};
    },
    'orgs.objects': ({ orgId }, signal) => orgs.objects(orgId, signal),
    'orgs.describe': ({ orgId, objectName }, signal) => orgs.describe(orgId, objectName, false, signal),
  };
}
