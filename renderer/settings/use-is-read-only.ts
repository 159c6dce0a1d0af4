import { organizationOf } from '../../shared/domain/ids.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { useCall } from '../backend/backend-context.tsx';

/** Whether no load is started or resumed in an org. */
export function useIsReadOnly(org: OrgSummary | null): boolean {
  const readOnly = useCall('org.readOnly', {}).data ?? [];
  return org !== null && readOnly.includes(organizationOf(org.orgId));
}
