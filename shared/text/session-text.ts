import { assertNever } from '../domain/assert-never.ts';
import type { OrgSummary, SessionTrouble } from '../domain/org.ts';

/** Why an org needs a sign-in, or will need one, on this computer: a sentence without its full stop. */
export function sessionTroubleText(trouble: SessionTrouble): string {
  switch (trouble) {
    case 'missing':
      return 'This computer’s keychain has no session for it, or can’t be reached';
    case 'damaged':
      return 'The session saved on this computer is damaged';
    case 'newer':
      return 'The session was saved by a newer version of Longshore';
    case 'refused':
      return 'This computer’s keychain is locked or denied access to the session';
    case 'not-kept':
      return 'This computer’s keychain did not save the session, so it lasts until you quit Longshore';
    case 'sf':
      return 'The Salesforce CLI has no usable session for it; run “sf org login web”';
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
