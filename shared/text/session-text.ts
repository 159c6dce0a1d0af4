import { assertNever } from '../domain/assert-never.ts';
import type { OrgSummary, SessionTrouble } from '../domain/org.ts';

/** Why an org needs a sign-in, or will need one, on this computer: a sentence without its full stop. */
export function sessionTroubleText(trouble: SessionTrouble): string {
  switch (trouble) {
    case 'missing':
      return 'This computer’s keychain holds no session of it, or can’t be reached from here';
    case 'damaged':
      return 'The session kept on this computer is damaged';
    case 'newer':
      return 'The session was kept by a newer version of Longshore';
    case 'refused':
      return 'This computer’s keychain does not hand out the session: it is locked, or access was denied';
    case 'not-kept':
      return 'This computer’s keychain did not take the session: it lasts until Longshore ends';
    case 'sf':
      return 'The Salesforce CLI has no session of it that can be used; run “sf org login web” there';
    default:
      return assertNever(trouble);
  }
}

/** How it stands with an org's session, in a word or two. */
export function sessionText({ session }: Pick<OrgSummary, 'session'>): string {
  switch (session) {
    case 'active':
      return 'signed in';
    case 'unchecked':
      return 'not checked yet';
    case 'expired':
      return 'sign-in needed';
    default:
      return assertNever(session);
  }
}
