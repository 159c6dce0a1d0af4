import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgKind } from '../../../shared/domain/org.ts';
import type { OrgClient } from './org-client.ts';

/** The org's own record of itself (Object Reference for the Salesforce Platform, Organization). */
export const Organization = z.object({
  Name: z.string(),
  OrganizationType: z.string(),
  IsSandbox: z.boolean(),
  InstanceName: z.string().nullish(),
  TrialExpirationDate: z.string().nullish(),
});
export type Organization = z.infer<typeof Organization>;

const SOQL = 'SELECT Name, OrganizationType, IsSandbox, InstanceName, TrialExpirationDate FROM Organization';

/** Throws `ORG_ANSWER_UNREADABLE` for a record that is none, and what `query` does. */
export async function readOrganization(client: Pick<OrgClient, 'query'>, signal: AbortSignal): Promise<Organization> {
  const [record] = await client.query(SOQL, signal);
  const parsed = Organization.safeParse(record);
  if (!parsed.success) throw new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'Organization' });
  return parsed.data;
}

/**
 * A sandbox says so itself, and so does a scratch org, which is one that expires (sfdx-core, `Org.determineIfScratch`). A Developer
 * Edition holds no company's business. Everything else is production: a trial too, since it becomes one with what is in it.
 */
export function kindOf({ IsSandbox, OrganizationType }: Organization): OrgKind {
  if (IsSandbox) return 'sandbox';
  return OrganizationType === 'Developer Edition' ? 'developer' : 'production';
}

/** What to call a new org, and how careful to be with it. One that does not answer the question counts as production. */
export async function lookAtOrg(
  client: Pick<OrgClient, 'query' | 'host'>,
  signal: AbortSignal,
): Promise<{ kind: OrgKind; name: string }> {
  try {
    const organization = await readOrganization(client, signal);
    return { kind: kindOf(organization), name: organization.Name };
  } catch (error) {
    const untold = error instanceof FailureError && /^ORG_(?:REFUSED|ANSWER_UNREADABLE)$/.test(error.failure.code);
    if (!untold) throw error;
    return { kind: 'production', name: client.host };
  }
}
