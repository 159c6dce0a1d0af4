import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { fitOf } from './suggest-mapping.ts';

/** Objects that are no candidates for a load, though describe lists them. */
const UNLIKELY_OBJECTS = /^(?:User|RecordType|Organization|.*(?:History|Feed|Share|ChangeEvent|Tag))$/;
/** Describes fetched to guess the object: the commonest first, so that a large org costs a bounded number of calls. */
const GUESSED_OBJECTS = 12;
const COMMON_OBJECTS = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case', 'Campaign', 'Product2', 'Task'];

function rank(name: string): number {
  if (COMMON_OBJECTS.includes(name)) return COMMON_OBJECTS.indexOf(name);
  return name.endsWith('__c') ? 50 : 100;
}

/** The object whose fields fit the columns best. Where nothing fits, the commonest is a better place to start than the one with the fewest requirements. */
export async function guessObject(
  orgs: Pick<OrgDirectory, 'objects' | 'describe'>,
  orgId: OrgId,
  columns: readonly SourceColumn[],
  fileName: string,
): Promise<{ objectName: string; matched: number }> {
  const all = (await orgs.objects(orgId)).filter((object) => object.createable && !UNLIKELY_OBJECTS.test(object.name));
  const candidates = all.sort((a, b) => rank(a.name) - rank(b.name)).slice(0, GUESSED_OBJECTS);
  let best = { objectName: candidates[0]?.name ?? 'Account', matched: 0, fit: -Infinity };
  for (const { name } of candidates) {
    const { fit, matched } = fitOf(await orgs.describe(orgId, name), columns, fileName);
    if (matched > 0 && fit > best.fit) best = { objectName: name, matched, fit };
  }
  return { objectName: best.objectName, matched: best.matched };
}
