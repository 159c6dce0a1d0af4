import type { GroupState, MergeGroup } from '../../../shared/domain/merge.ts';
import { GROUPS_AT_ONCE } from './build-merge-plan.ts';
import { FactsFile } from './facts-file.ts';
import { viewOf } from './group-view.ts';
import type { MergeDocument } from './merge-document.ts';
import type { MergeStand } from './merge-journal.ts';

/** Groups in their order; with a state only those in it. */
export async function pageOfGroups(
  folder: string,
  document: MergeDocument,
  stand: MergeStand,
  { state, offset, limit }: { state: GroupState | null; offset: number; limit: number },
): Promise<{ groups: MergeGroup[]; total: number }> {
  const file = await FactsFile.open(folder, document.factsDigest);
  try {
    if (state === null) {
      const facts = await file.read(offset, offset + limit);
      return { groups: facts.map((one) => viewOf(one, document, stand.groups.get(one.group))), total: file.groups };
    }
    const groups: MergeGroup[] = [];
    let total = 0;
    for await (const some of file.all(GROUPS_AT_ONCE))
      for (const one of some) {
        const view = viewOf(one, document, stand.groups.get(one.group));
        if (view.state !== state) continue;
        if (total >= offset && groups.length < limit) groups.push(view);
        total++;
      }
    return { groups, total };
  } finally {
    await file.close();
  }
}
