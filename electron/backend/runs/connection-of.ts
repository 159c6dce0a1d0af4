import { FailureError } from '../../../shared/contract/failure.ts';
import { organizationOf, type OrgId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';

/**
 * The connection that a job runs by: its own user's, or another one to the same organization where that is named. Throws `JOB_ORG_MISSING`
 * and `JOB_OTHER_ORG`: no other organization is taken for its own.
 */
export function connectionOf(
  { definition }: Pick<Job, 'definition'>,
  orgs: readonly Pick<OrgSummary, 'orgId' | 'username' | 'name'>[],
  named: OrgId | undefined,
): OrgId {
  const { name, org } = definition;
  const isOwn = (orgId: OrgId) => organizationOf(orgId) === org.organization;
  const chosen = orgs.find(({ orgId }) => orgId === named);
  if (chosen && !isOwn(chosen.orgId))
    throw new FailureError({ code: 'JOB_OTHER_ORG', name, organization: org.organization, org: chosen.name });
  const own = orgs.find(({ orgId, username }) => isOwn(orgId) && username === org.username);
  const found = named === undefined ? own : chosen;
  if (!found) throw new FailureError({ code: 'JOB_ORG_MISSING', ...org });
  return found.orgId;
}
