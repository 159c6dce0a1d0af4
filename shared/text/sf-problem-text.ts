import type { SfProblem } from '../domain/org.ts';

const TEXTS: Record<SfProblem, string> = {
  gone: 'the Salesforce CLI is not signed in there any more.',
  unreadable: 'what the Salesforce CLI keeps of it can’t be read.',
  'no-key': 'the key that the Salesforce CLI encrypts its tokens with was not found.',
  'wrong-key': 'its tokens can’t be decrypted with the Salesforce CLI’s key.',
  past: 'this scratch org has expired.',
};

/** Why an org of the official CLI can't be used; the words go on after its user name and a colon. */
export function sfProblemText(problem: SfProblem): string {
  return TEXTS[problem];
}
