import { useEffect, useRef } from 'react';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { useBackend } from '../../backend/backend-context.tsx';

/** Has each org that was not asked yet asked whether it still takes its session; how it stands comes with the list of orgs. */
export function useSessionChecks(orgs: readonly OrgSummary[]): void {
  const backend = useBackend();
  const asked = useRef(new Set<OrgId>());
  useEffect(() => {
    for (const { orgId, session } of orgs) {
      if (session !== 'unchecked' || asked.current.has(orgId)) continue;
      asked.current.add(orgId);
      // One that can't be reached stays unchecked; whatever is asked of it next says why.
      backend.call('orgs.check', { orgId }).catch(() => undefined);
    }
  }, [orgs, backend]);
}
