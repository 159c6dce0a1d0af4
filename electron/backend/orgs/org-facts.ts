import { z } from 'zod';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { LoadingPermission, OrgLimit, type OrgFacts, type Told } from '../../../shared/domain/org-facts.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { asFailure } from './org-answers.ts';
import type { OrgClient } from './org-client.ts';
import { readOrganization } from './org-kind.ts';
import { API_VERSION } from './org-requests.ts';

type Asked = Pick<OrgClient, 'query' | 'json' | 'userInfo' | 'host'>;

/** REST API Developer Guide, "Limits": what a user may not see is left out. */
const Limit = z.object({ Max: z.number(), Remaining: z.number() });
/** REST API Developer Guide, "Versions". */
const Versions = z.array(z.object({ version: z.string(), label: z.string() })).min(1);
const UserRecord = z.object({
  Name: z.string(),
  Username: z.string(),
  Profile: z.object({ Name: z.string() }).nullish(),
});

/** Asks an org what matters to loading. What it does not tell says why; only an ended session and a cancel are thrown. */
export async function readOrgFacts(client: Asked, signal: AbortSignal): Promise<OrgFacts> {
  const facts = [
    told(client, () => readUser(client, signal)),
    told(client, () => readPermissions(client, signal)),
    told(client, async () => {
      const { Name, OrganizationType, IsSandbox, InstanceName, TrialExpirationDate } = await readOrganization(
        client,
        signal,
      );
      return {
        name: Name,
        edition: OrganizationType,
        isSandbox: IsSandbox,
        instance: InstanceName ?? null,
        trialEnds: TrialExpirationDate ?? null,
      };
    }),
    told(client, () => readLimits(client, signal)),
    told(client, () => readVersion(client, signal)),
  ] as const;
  const [user, permissions, organization, limits, version] = await Promise.all(facts);
  return { user, permissions, organization, limits, version };
}

/** Failures that are not one fact's: the whole page waits for a sign-in, or is not wanted any more. */
const OF_ALL: ReadonlySet<Failure['code']> = new Set<Failure['code']>([
  'ORG_SESSION_EXPIRED',
  'CANCELLED',
  'CONNECTION_LOST',
]);

async function told<T>(client: Pick<Asked, 'host'>, read: () => Promise<T>): Promise<Told<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    const known = asFailure(error, client.host);
    if (!(known instanceof FailureError) || OF_ALL.has(known.failure.code)) throw known;
    return { kind: 'unread', why: failureText(known.failure).title };
  }
}

async function readUser(
  client: Asked,
  signal: AbortSignal,
): Promise<{ userId: string; name: string; username: string; profile: string | null }> {
  const { userId } = await client.userInfo(signal);
  const [record] = await client.query(
    `SELECT Name, Username, Profile.Name FROM User WHERE Id = '${userId.replace(/\W/g, '')}'`,
    signal,
  );
  const user = parsed(UserRecord, record, 'User');
  return { userId, name: user.Name, username: user.Username, profile: user.Profile?.Name ?? null };
}

/**
 * UserPermissionAccess is one record: what profile, permission sets and their groups give the user who asks, together (Object Reference
 * for the Salesforce Platform, UserPermissionAccess). A permission of a feature that the org does not have is no field there, and
 * spoils a query that names it: then each is asked for alone.
 */
async function readPermissions(client: Asked, signal: AbortSignal): Promise<Record<LoadingPermission, boolean | null>> {
  const names = LoadingPermission.options;
  const all = await permissionsOf(client, names, signal);
  if (all !== null) return all as Record<LoadingPermission, boolean>;
  const each = await Promise.all(
    names.map(async (name) => [name, (await permissionsOf(client, [name], signal))?.[name] ?? null] as const),
  );
  return Object.fromEntries(each) as Record<LoadingPermission, boolean | null>;
}

/** Whether the user may delete past the Recycle Bin; null where the org doesn't tell. */
export async function mayHardDelete(
  client: Pick<Asked, 'query' | 'host'>,
  signal: AbortSignal,
): Promise<boolean | null> {
  const asked = await told(client, () => permissionsOf(client, ['BulkApiHardDelete'], signal));
  return asked.kind === 'read' ? (asked.value?.BulkApiHardDelete ?? null) : null;
}

/** Null if the org knows no such field. */
async function permissionsOf(
  client: Pick<Asked, 'query'>,
  names: readonly LoadingPermission[],
  signal: AbortSignal,
): Promise<Partial<Record<LoadingPermission, boolean>> | null> {
  const fields = names.map((name) => `Permissions${name}`);
  try {
    const [record] = await client.query(`SELECT ${fields.join(', ')} FROM UserPermissionAccess`, signal);
    const values = parsed(z.record(z.string(), z.unknown()), record, 'UserPermissionAccess');
    return Object.fromEntries(
      names.map((name) => [name, parsed(z.boolean(), values[`Permissions${name}`], 'UserPermissionAccess')]),
    );
  } catch (error) {
    const refused = error instanceof FailureError && error.failure.code === 'ORG_REFUSED' ? error.failure : null;
    if (refused?.errorCode === 'INVALID_FIELD') return null;
    throw error;
  }
}

/** What an org has left; null for a limit that it does not tell this user. */
export type OrgLimits = Record<OrgLimit, { max: number; remaining: number } | null>;

export async function readLimits(client: Pick<Asked, 'json'>, signal: AbortSignal): Promise<OrgLimits> {
  const limits = await client.json('GET', 'limits', z.record(z.string(), z.unknown()), signal);
  const one = (name: OrgLimit): { max: number; remaining: number } | null => {
    const limit = Limit.safeParse(limits[name]).data;
    return limit ? { max: limit.Max, remaining: limit.Remaining } : null;
  };
  return Object.fromEntries(OrgLimit.options.map((name) => [name, one(name)])) as OrgLimits;
}

async function readVersion(
  client: Asked,
  signal: AbortSignal,
): Promise<{ used: string; newest: string; release: string }> {
  const versions = await client.json('GET', '/services/data', Versions, signal);
  const newest = versions.reduce((best, one) => (Number(one.version) > Number(best.version) ? one : best));
  return { used: API_VERSION, newest: newest.version, release: newest.label };
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what });
  return data;
}
