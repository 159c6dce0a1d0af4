import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import type { SObjectSummary } from '../../../shared/domain/sobject.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { commonness, likelihood, scoreObjects, type ObjectGuess } from './score-objects.ts';

/** Objects that are no candidates for a load, though describe lists them. */
const UNLIKELY_OBJECTS = /^(?:User|RecordType|Organization|.*(?:History|Feed|Share|ChangeEvent|Tag|__e))$/;
/** Describes fetched to guess the object, so that a large org costs a bounded number of calls. Those known already cost none. */
const GUESSED_OBJECTS = 24;
/** The commonest objects, then those of this org's own. */
function rank({ name, custom }: SObjectSummary): number {
  return commonness(name) + (custom ? 0.01 : 0);
}

/** The objects worth describing: those that the file's name, headers or ids speak for, then the commonest. */
function candidatesOf(
  objects: readonly SObjectSummary[],
  columns: readonly SourceColumn[],
  examples: readonly (readonly string[])[],
  fileName: string,
): SObjectSummary[] {
  return objects
    .filter((object) => object.createable && !UNLIKELY_OBJECTS.test(object.name))
    .map((object) => ({ object, spokenFor: likelihood(object, columns, examples, fileName) }))
    .sort((a, b) => b.spokenFor - a.spokenFor || rank(b.object) - rank(a.object))
    .slice(0, GUESSED_OBJECTS)
    .map(({ object }) => object);
}

/**
 * The object whose fields fit the columns best, and the operation that the file's keys allow. Where nothing fits, the commonest
 * is a better place to start than the one with the fewest requirements. Costs one describe global and at most
 * `GUESSED_OBJECTS` describes, at once.
 */
export async function guessObject(
  orgs: Pick<OrgDirectory, 'objects' | 'describe'>,
  orgId: OrgId,
  columns: readonly SourceColumn[],
  /** A few values a column, by column index. */
  examples: readonly (readonly string[])[],
  fileName: string,
  /** An object that is given: only its operation is to be found. */
  given?: string,
): Promise<Omit<ObjectGuess, 'score'>> {
  const objects = await orgs.objects(orgId);
  const wanted = objects.filter(({ name }) => name.toLowerCase() === given?.toLowerCase());
  const candidates = given === undefined ? candidatesOf(objects, columns, examples, fileName) : wanted;
  const describes = await Promise.all(candidates.map(({ name }) => orgs.describe(orgId, name)));
  const keyPrefixes = new Map(
    objects.flatMap(({ name, keyPrefix }): [string, string][] => (keyPrefix ? [[name.toLowerCase(), keyPrefix]] : [])),
  );
  const best = scoreObjects(describes, keyPrefixes, columns, examples, fileName).find(({ matched }) => matched > 0);
  if (best) return { objectName: best.objectName, matched: best.matched, operation: best.operation };
  const commonest = [...candidates].sort((a, b) => rank(b) - rank(a))[0];
  return { objectName: commonest?.name ?? given ?? 'Account', matched: 0, operation: 'insert' };
}
