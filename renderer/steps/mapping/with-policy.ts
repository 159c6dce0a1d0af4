import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';

/** Policies with some of them changed; what doesn't hold is left out, and without any there are none. */
export function withPolicy(policies: WritePolicies | undefined, next: WritePolicies): WritePolicies | undefined {
  const stated = Object.entries({ ...policies, ...next }).filter(([, value]) => value !== undefined && value !== false);
  return stated.length === 0 ? undefined : Object.fromEntries(stated);
}
