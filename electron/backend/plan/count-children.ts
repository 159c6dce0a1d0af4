import { z } from 'zod';
import type { ChildCount } from '../../../shared/domain/load-plan.ts';
import { FieldDescribe, type SObjectSummary } from '../../../shared/domain/sobject.ts';
import { CountedCalls } from '../lookups/counted-calls.ts';
import { tablesOf } from '../tables/tables.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest, type FetchTools } from './fetch-current-records.ts';
import type { StoredPlan } from './stored-plan.ts';
import { NOTHING_COMPARED } from './record-request.ts';

/** Where a describe says which lookups lead to an object, and what a delete does there (REST API Developer Guide, "sObject Describe"). */
const Children = z.object({
  childRelationships: z.array(
    z.object({
      childSObject: z.string(),
      field: z.string(),
      cascadeDelete: z.boolean(),
      restrictedDelete: z.boolean(),
    }),
  ),
});

const CHILDREN = 'children';

/**
 * Counts the records that Salesforce would delete along with those of a plan, and those for whose sake it would refuse to. Lookups
 * that are neither are only emptied. What Salesforce keeps by itself of every record (shares, history, feeds) is not counted.
 */
export async function countChildren(
  tools: FetchTools,
  { plan, describe }: StoredPlan,
  objects: readonly SObjectSummary[],
  folder: string,
  signal: AbortSignal,
): Promise<{ children: ChildCount[]; calls: number }> {
  const { planId } = plan;
  const { planned, named } = tablesOf(planId);
  const counted = new CountedCalls(tools.client);
  const described = await counted.client.json('GET', `sobjects/${describe.name}/describe`, Children, signal);
  const children: ChildCount[] = [];
  for (const { childSObject, field, cascadeDelete, restrictedDelete } of described.childRelationships) {
    const child = objects.find(({ name }) => name === childSObject);
    if (!child || !(cascadeDelete || restrictedDelete) || !isOfPeople(child)) continue;
    const request: FetchRequest = {
      alias: planId,
      table: CHILDREN,
      folder,
      objectName: child.name,
      keyField: FieldDescribe.parse({
        name: field,
        label: field,
        type: 'reference',
        nillable: true,
        createable: true,
        updateable: true,
      }),
      ...NOTHING_COMPARED,
    };
    try {
      const keysSql = `SELECT id AS k FROM ${planned} WHERE kind = 'delete'`;
      await fetchCurrentRecords({ ...tools, client: counted.client }, request, keysSql, signal, () => undefined);
      const [found] = await tools.staging
        .until(signal)
        .query(`SELECT count(*) AS records, count(DISTINCT k) AS n FROM ${named(CHILDREN)}`);
      const [records, rows] = [Number(found?.['records'] ?? 0), Number(found?.['n'] ?? 0)];
      const then = restrictedDelete ? 'refused' : 'deleted';
      if (records > 0)
        children.push({ objectName: child.name, labelPlural: child.labelPlural, field, then, records, rows });
    } finally {
      await dropFetched(tools, request);
    }
  }
  return { children: children.sort((one, other) => other.records - one.records), calls: counted.count };
}

function isOfPeople({ name, createable, queryable }: SObjectSummary): boolean {
  return createable && queryable && !/(Share|History|Feed)$/.test(name);
}
