import type { OrgId } from '../../../shared/domain/ids.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from './org-directory.ts';
import { readAssignmentRules } from './assignment-rules.ts';
import { readOrgFacts } from './org-facts.ts';
import type { ReadOnlyOrgs } from './read-only-orgs.ts';

interface OrgPageTools {
  readonly orgs: Pick<OrgDirectory, 'client' | 'get'>;
  readonly readOnly: ReadOnlyOrgs;
  readonly changed: (orgIds: OrgId[]) => void;
}

/** What is known of one org, and whether loads may change it. */
export function orgPageProcedures({ orgs, readOnly, changed }: OrgPageTools): HandlersOf<'org'> {
  return {
    'org.about': async ({ orgId }, signal) => readOrgFacts(await orgs.client(orgId), signal),
    'org.assignmentRules': async ({ orgId, objectName }, signal) =>
      readAssignmentRules(await orgs.client(orgId), objectName, signal),
    'org.readOnly': () => readOnly.list(),
    'org.setReadOnly': async ({ orgId, readOnly: set }) => {
      const orgIds = await readOnly.set(orgs.get(orgId).orgId, set);
      changed(orgIds);
      return orgIds;
    },
  };
}
