import type { OrgSummary } from '../../../shared/domain/org.ts';
import { organizationOf } from '../../../shared/domain/ids.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { sessionTroubleText } from '../../../shared/text/session-text.ts';
import { sfProblemText } from '../../../shared/text/sf-problem-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';
import type { SignInFlags } from './sign-in-flags.ts';

/** All orgs, each asked whether it still takes its session. */
export async function listOrgs(caller: BackendCaller, output: Output): Promise<Ending> {
  const orgs: OrgSummary[] = [];
  const readOnly = new Set(await caller.call('org.readOnly', {}));
  for (const org of await caller.call('orgs.list', {})) {
    const { told, why } = org.session === 'unchecked' ? await checked(caller, org) : { told: org, why: '' };
    orgs.push(told);
    const { orgId, kind, name, username, session, sessionTrouble } = told;
    const locked = readOnly.has(organizationOf(orgId)) ? ' read-only' : '';
    const ended = session === 'expired' ? ' needs a sign-in' : '';
    const trouble = sessionTrouble === undefined ? why : `: ${sessionTroubleText(sessionTrouble)}`;
    output.line(`${kind.padEnd(10)} ${name} (${username})${locked}${ended}${trouble}`);
  }
  if (orgs.length === 0)
    output.line('No orgs. Sign in with “longshore orgs sign-in”, or set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL.');
  return { code: EXIT.ok, result: orgs };
}

/** What can't be asked now is listed as it is, and says why. */
async function checked(caller: BackendCaller, org: OrgSummary): Promise<{ told: OrgSummary; why: string }> {
  try {
    return { told: await caller.call('orgs.check', { orgId: org.orgId }), why: '' };
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code === 'CANCELLED') throw error;
    return { told: org, why: `: ${failureText(error.failure).title}` };
  }
}

export async function listSfOrgs(caller: BackendCaller, output: Output): Promise<Ending> {
  const orgs = await caller.call('orgs.sfList', {});
  for (const { username, aliases, instanceHost, problem } of orgs) {
    const names = aliases.length > 0 ? ` [${aliases.join(', ')}]` : '';
    output.line(
      problem === null ? `${username}${names} at ${instanceHost}` : `${username}${names}: ${sfProblemText(problem)}`,
    );
  }
  if (orgs.length === 0) output.line('The Salesforce CLI (sf) is not signed in to any org on this computer.');
  return { code: EXIT.ok, result: orgs };
}

/** Signs in: as the flags said, already; by an org of the official CLI; else in the browser. */
export async function signIn(caller: BackendCaller, flags: SignInFlags, output: Output): Promise<Ending> {
  const org = caller.signedIn ?? (await signInHere(caller, flags));
  const { secretStore } = await caller.call('app.info', {});
  output.line(`Signed in to ${org.name} as ${org.username}.`);
  if (org.via !== 'sf' && (secretStore === 'memory' || org.via === 'token'))
    output.line('This session is not saved. Add the same flags to the command that uses it.');
  return { code: EXIT.ok, result: org };
}

async function signInHere(caller: BackendCaller, { sf, login, clientId }: SignInFlags): Promise<OrgSummary> {
  if (typeof sf === 'string') return caller.useSf(sf);
  const target = { kind: 'custom', loginUrl: login ?? 'login.salesforce.com' } as const;
  return caller.call('orgs.signIn', { target, ...(clientId ? { clientId } : {}) });
}

/** Ends a session at the org and forgets it. What the official CLI or somebody else signed in to is forgotten only. */
export async function signOut(caller: BackendCaller, target: string, output: Output): Promise<Ending> {
  const org = await caller.org(target);
  await caller.call('orgs.signOut', { orgId: org.orgId });
  output.line(`Signed out of ${org.name} (${org.username}).`);
  return { code: EXIT.ok, result: org };
}

/** Sets whether Longshore may load into an org, for everybody who uses this data folder. */
export async function setReadOnly(
  caller: BackendCaller,
  { target, readOnly }: { target: string; readOnly: boolean },
  output: Output,
): Promise<Ending> {
  const { orgId, name } = await caller.org(target);
  await caller.call('org.setReadOnly', { orgId, readOnly });
  output.line(readOnly ? `${name} is now read-only in Longshore.` : `Longshore may load into ${name} again.`);
  return { code: EXIT.ok, result: { orgId, readOnly } };
}
