import { z } from 'zod';
import { OrgId } from './ids.ts';

/**
 * What the coloured badge says. `practice` is a choice of the person, not of the protocol: the client never asks. The others are
 * what the org says of itself; one that does not say it is production.
 */
export const OrgKind = z.enum(['practice', 'sandbox', 'developer', 'production']);
export type OrgKind = z.infer<typeof OrgKind>;

/**
 * Why this computer can't use, or keep, an org's session: its secret is gone, is no session, was written by a newer
 * version, or is held back by the keychain (`refused`); `not-kept` works until Longshore ends. `sf`: the official
 * CLI has none that can be used.
 */
export const SessionTrouble = z.enum(['missing', 'damaged', 'newer', 'refused', 'not-kept', 'sf']);
export type SessionTrouble = z.infer<typeof SessionTrouble>;
/** `sf`: the official CLI signed in, and keeps the tokens. `token`: pasted, or handed in through the environment. */
export const SignInWay = z.enum(['browser', 'jwt', 'client-credentials', 'password', 'token', 'sf']);
export type SignInWay = z.infer<typeof SignInWay>;

export const OrgSummary = z.object({
  orgId: OrgId,
  kind: OrgKind,
  name: z.string(),
  username: z.string(),
  instanceHost: z.string(),
  /** `unchecked`: signed in to before, and not asked yet whether the org still takes it. `expired`: a sign-in is needed. */
  session: z.enum(['active', 'unchecked', 'expired']),
  /** Of this computer and not of the org; absent where there is none. */
  sessionTrouble: SessionTrouble.optional(),
  /** How one signed in; in the browser if it is not said. */
  via: SignInWay.optional(),
  /** Where one signed in, to sign in again. */
  loginUrl: z.string().optional(),
  /** Calls used and allowed in the last 24 hours, as Salesforce last said; null before the first call. */
  apiUsage: z.object({ used: z.number(), max: z.number() }).nullable(),
});
export type OrgSummary = z.infer<typeof OrgSummary>;

/**
 * Where a record of an org is shown: its Id at the org's own address leads to its page in either user interface (Salesforce Help, "My Domain
 * URL Formats"). Null for the practice org, which has no pages.
 */
export function recordAddress(
  { kind, instanceHost }: Pick<OrgSummary, 'kind' | 'instanceHost'>,
  id: string,
): string | null {
  return kind === 'practice' || !/^[0-9A-Za-z]{15,18}$/.test(id) ? null : `https://${instanceHost}/${id}`;
}

/** Where to sign in. Salesforce has one login host for production and one for sandboxes; My Domain is `custom`. */
export const SignInTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('practice') }),
  z.object({ kind: z.literal('production') }),
  z.object({ kind: z.literal('sandbox') }),
  z.object({ kind: z.literal('custom'), loginUrl: z.string().min(1).max(300) }),
]);
export type SignInTarget = z.infer<typeof SignInTarget>;

/** Why an org of the official CLI can't be used. */
export const SfProblem = z.enum([
  /** There is no such org any more. */
  'gone',
  /** The file is damaged, or says no address or token. */
  'unreadable',
  /** The key that the tokens are encrypted with was not found, or the keychain did not give it. */
  'no-key',
  /** The key is there and does not open them. */
  'wrong-key',
  /** A scratch org past its day. */
  'past',
]);
export type SfProblem = z.infer<typeof SfProblem>;

/** An org that the official CLI (`sf`) is signed in to, as its own files tell. */
export const SfOrg = z.object({
  username: z.string(),
  aliases: z.array(z.string()),
  instanceHost: z.string(),
  /** Null if it can be used. */
  problem: SfProblem.nullable(),
});
export type SfOrg = z.infer<typeof SfOrg>;
