import { z } from 'zod';
import { OrgId } from './ids.ts';

/** What the coloured badge says. `practice` is a choice of the person, not of the protocol: the client never asks. */
export const OrgKind = z.enum(['practice', 'sandbox', 'production']);
export type OrgKind = z.infer<typeof OrgKind>;

/**
 * Why this computer can't use, or keep, an org's session: its secret is gone, is no session, was written by a newer
 * version, or is held back by the keychain (`refused`); `not-kept` works until Longshore ends.
 */
export const SessionTrouble = z.enum(['missing', 'damaged', 'newer', 'refused', 'not-kept']);
export type SessionTrouble = z.infer<typeof SessionTrouble>;

export const OrgSummary = z.object({
  orgId: OrgId,
  kind: OrgKind,
  name: z.string(),
  username: z.string(),
  instanceHost: z.string(),
  session: z.enum(['active', 'expired']),
  /** Of this computer and not of the org; absent where there is none. */
  sessionTrouble: SessionTrouble.optional(),
  /** Calls used and allowed in the last 24 hours, as Salesforce last said; null before the first call. */
  apiUsage: z.object({ used: z.number(), max: z.number() }).nullable(),
});
export type OrgSummary = z.infer<typeof OrgSummary>;

/** Where to sign in. Salesforce has one login host for production and one for sandboxes; My Domain is `custom`. */
export const SignInTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('practice') }),
  z.object({ kind: z.literal('production') }),
  z.object({ kind: z.literal('sandbox') }),
  z.object({ kind: z.literal('custom'), loginUrl: z.string().min(1).max(300) }),
]);
export type SignInTarget = z.infer<typeof SignInTarget>;
