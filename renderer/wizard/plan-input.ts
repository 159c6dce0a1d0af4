import type { Input } from '../../shared/contract/procedures.ts';

/**
 * What the window's plans are built of, and known by: records that were fetched for one are taken for the next of the same file, until
 * they are fetched again.
 */
export function planInput({
  orgId,
  sourceId,
  mapping,
}: Pick<Input<'plan.build'>, 'orgId' | 'sourceId' | 'mapping'>): Input<'plan.build'> {
  return { orgId, sourceId, mapping, recordsFrom: 'planned' };
}
