import { z } from 'zod';

/** A fact as the org told it, or in words why it could not be read. Nothing here is guessed. */
function told<S extends z.ZodType>(value: S) {
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('read'), value }),
    z.object({ kind: z.literal('unread'), why: z.string() }),
  ]);
}
export type Told<T> = { kind: 'read'; value: T } | { kind: 'unread'; why: string };

/**
 * The user permissions that decide what a load may do, by their names in UserPermissionAccess without `Permissions` (Object
 * Reference for the Salesforce Platform, UserPermissionAccess).
 */
export const LoadingPermission = z.enum([
  'ApiEnabled',
  'BulkApiHardDelete',
  'CreateAuditFields',
  'UpdateWithInactiveOwner',
  'ModifyAllData',
]);
export type LoadingPermission = z.infer<typeof LoadingPermission>;

/** Limits that loads use up, by their names in the `limits` resource (REST API Developer Guide, "Limits"). Storage is in MB. */
export const OrgLimit = z.enum([
  'DailyApiRequests',
  'DailyBulkApiBatches',
  'DailyBulkV2QueryJobs',
  'DataStorageMB',
  'FileStorageMB',
]);
export type OrgLimit = z.infer<typeof OrgLimit>;

/** What an org says of itself and of the user who is signed in, asked for when it is shown. */
export const OrgFacts = z.object({
  user: told(
    z.object({
      userId: z.string(),
      name: z.string(),
      username: z.string(),
      /** Null where the org does not show it to this user. */
      profile: z.string().nullable(),
    }),
  ),
  /** Null for a permission that this org does not have. */
  permissions: told(z.record(LoadingPermission, z.boolean().nullable())),
  organization: told(
    z.object({
      name: z.string(),
      edition: z.string(),
      isSandbox: z.boolean(),
      instance: z.string().nullable(),
      /** ISO 8601; null for an org that is no trial and no scratch org. */
      trialEnds: z.string().nullable(),
    }),
  ),
  /** Null for a limit that the org does not tell this user. */
  limits: told(z.record(OrgLimit, z.object({ max: z.number(), remaining: z.number() }).nullable())),
  /** API versions such as `66.0`, and the release that the org is on, such as Summer '26. */
  version: told(z.object({ used: z.string(), newest: z.string(), release: z.string() })),
});
export type OrgFacts = z.infer<typeof OrgFacts>;
