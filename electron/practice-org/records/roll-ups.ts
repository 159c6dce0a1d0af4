import type { ObjectRules, OrgData, RollUp } from './org-data.ts';
import type { Stored, StoredRecord } from './record-store.ts';
import { dateTimeText } from './field-values.ts';
import { MODSTAMP } from '../schema/schema.ts';

/** Roll-ups to count anew, by `field name + master id`. */
export type DirtyMasters = Map<string, { readonly rollUp: RollUp; readonly masterId: string }>;

/** Remembers which masters a saved or deleted detail changes. */
export function noteRollUps(
  dirty: DirtyMasters,
  rules: ObjectRules,
  before: StoredRecord | null,
  after: StoredRecord | null,
): void {
  for (const rollUp of rules.rollUps) {
    for (const record of [before, after]) {
      const masterId = record?.[rollUp.via.slot];
      if (typeof masterId === 'string') dirty.set(`${rollUp.field.name} ${masterId}`, { rollUp, masterId });
    }
  }
}

function roll(rollUp: RollUp, details: StoredRecord[], now: number): Stored {
  const counted = rollUp.where ? details.filter((record) => rollUp.where?.(record, { now }) === true) : details;
  if (rollUp.function === 'COUNT') return counted.length;
  const { summed } = rollUp;
  const values = counted
    .map((record) => (summed ? (record[summed.slot] ?? null) : null))
    .filter((value): value is number => typeof value === 'number');
  if (rollUp.function === 'SUM') return Number(values.reduce((a, b) => a + b, 0).toFixed(rollUp.field.scale));
  if (values.length === 0) return null;
  return values.reduce((a, b) => (rollUp.function === 'MIN' ? Math.min(a, b) : Math.max(a, b)));
}

/** Counts the noted roll-ups anew. A changed master gets a new SystemModstamp but not a new LastModifiedDate. */
export function flushRollUps(data: OrgData, dirty: DirtyMasters, now: number): void {
  for (const { rollUp, masterId } of dirty.values()) {
    const master = rollUp.master.records.get(masterId);
    const details = rollUp.detail.find(rollUp.via, masterId);
    if (!master) continue;
    const value = roll(rollUp, details, now);
    if (master[rollUp.field.slot] === value) continue;
    const after = master.slice();
    after[rollUp.field.slot] = value;
    after[MODSTAMP] = dateTimeText(now);
    data.store.put(rollUp.master, after);
  }
  dirty.clear();
}
