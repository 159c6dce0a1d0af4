import type { SfProblem } from '../domain/org.ts';

const TEXTS: Record<SfProblem, string> = {
  gone: 'the Salesforce CLI is no longer signed in there.',
  unreadable: 'the Salesforce CLI’s file for it can’t be read.',
  'no-key': 'the key that encrypts the Salesforce CLI’s tokens was not found.',
  'wrong-key': 'its tokens can’t be decrypted with the Salesforce CLI’s key.',
  past: 'this scratch org has expired.',
};

/** Why an org of the official CLI can't be used; the words go on after its user name and a colon. */
export function sfProblemText(problem: SfProblem): string {
  return TEXTS[problem];
}
