import type { MergeCell } from '../../../shared/domain/merge.ts';
import { changedSinceText, deletedSinceText } from '../../../shared/text/merge-text.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { FactRecord } from './group-facts.ts';
import type { Decided } from './group-view.ts';
import type { MergeDocument } from './merge-document.ts';
import type { MergeStep } from './merge-journal.ts';
import { readRecords } from './read-records.ts';

/**
 * Groups of which a record is no longer as the plan says: told by its stamp, and by its values, for stamps have whole seconds. `merged`
 * are losers of this merge with their masters: a lookup that went from one to the other was moved by it.
 */
export async function findMoved(
  client: Pick<OrgClient, 'query'>,
  document: MergeDocument,
  groups: readonly Decided[],
  merged: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Extract<MergeStep, { step: 'MOVED' }>[]> {
  const ids = groups.flatMap(({ facts }) => facts.records.map(({ id }) => id));
  if (ids.length === 0) return [];
  const now = await readRecords(client, document.objectName, document.fields, ids, signal);
  return groups.flatMap(({ facts }) => {
    for (const record of facts.records) {
      const current = now.get(record.id);
      const message = current ? changeOf(record, current, document, merged) : deletedSinceText(record.id);
      if (message !== null) return [{ step: 'MOVED', group: facts.group, message }];
    }
    return [];
  });
}

function changeOf(
  before: FactRecord,
  now: Omit<FactRecord, 'children'>,
  { fields, nameField }: MergeDocument,
  merged: ReadonlyMap<string, string>,
): string | null {
  const differing = fields.filter(
    ({ name, updateable }) => updateable && (before.values[name] ?? null) !== (now.values[name] ?? null),
  );
  const ours = (was: MergeCell | undefined, is: MergeCell | undefined): boolean =>
    typeof was === 'string' && merged.get(was) === is;
  const others = differing.filter(({ name }) => !ours(before.values[name], now.values[name]));
  if (others.length === 0 && (before.stamp === now.stamp || differing.length > 0)) return null;
  return changedSinceText(
    String(before.values[nameField] ?? before.id),
    others.map(({ label }) => label),
  );
}
