import { z } from 'zod';
import { Digest } from './ids.ts';

/**
 * What a colleague who read a plan's page gives back, as a file. It says whose yes it is and to what, and is no signature: who could
 * write to the file could have written it.
 */
export const PlanApproval = z.object({
  format: z.literal('longshore-approval'),
  version: z.literal(1),
  planDigest: Digest,
  approvedBy: z.string().trim().min(1).max(200),
  comment: z.string().max(2000),
  /** By the clock of whoever approved, ISO 8601. */
  approvedAt: z.iso.datetime({ offset: true }),
});
export type PlanApproval = z.infer<typeof PlanApproval>;
