import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { recordAddress } from '../../../shared/domain/org.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { BackendPorts } from '../ports.ts';
import type { OrgDirectory } from './org-directory.ts';
import { unlessAborted } from './unless-aborted.ts';

interface OrgProcedureTools {
  readonly ports: Pick<BackendPorts, 'openExternal'>;
  /** Takes away what there is of an org besides. */
  readonly signedOut: (orgId: OrgId) => Promise<void>;
}

/** Signing in and out, what an org says of its objects, and the pages of its records. */
export function orgProcedures(orgs: OrgDirectory, { ports, signedOut }: OrgProcedureTools): HandlersOf<'orgs'> {
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
    'orgs.openRecord': async ({ orgId, recordId }) => {
      const address = recordAddress(orgs.get(orgId), recordId);
      if (address === null)
        throw new FailureError({ code: 'BAD_REQUEST', where: 'orgs.openRecord', problem: 'this record has no page' });
      await ports.openExternal(address);
      return {};
    },
    'orgs.objects': ({ orgId }, signal) => orgs.objects(orgId, signal),
    'orgs.describe': ({ orgId, objectName }, signal) => orgs.describe(orgId, objectName, false, signal),
  };
}
