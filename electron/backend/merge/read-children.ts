import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { ChildLookup } from './group-facts.ts';
import { chunksOf, idList } from './read-records.ts';

const PARENTS_A_QUERY = 200;

/** A record that hangs from another by one of its lookups. */
export interface Child {
  readonly lookup: ChildLookup;
  readonly id: string;
  readonly parent: string;
}

/**
 * The records that hang from these, lookup by lookup. A lookup that the org does not let be asked about is named in `unseen`: some of
 * Salesforce's own objects take only queries of a certain form.
 */
export async function readChildren(
  client: Pick<OrgClient, 'query'>,
  lookups: readonly ChildLookup[],
  parents: readonly string[],
  unseen: Set<string>,
  signal: AbortSignal,
): Promise<Child[]> {
  const children: Child[] = [];
  for (const lookup of lookups) {
    const { objectName, field } = lookup;
    try {
      for (const some of chunksOf(parents, PARENTS_A_QUERY)) {
        const soql = `SELECT Id,${field} FROM ${objectName} WHERE ${field} IN (${idList(some)})`;
        for (const record of await client.query(soql, signal))
          children.push({ lookup, id: String(record['Id']), parent: String(record[field]) });
      }
    } catch (error) {
      if (!(error instanceof FailureError && error.failure.code === 'ORG_REFUSED')) throw error;
      unseen.add(objectName);
    }
  }
  return children;
}
