import type { OrgData, Session } from '../records/org-data.ts';
import { planSoql } from './run-soql.ts';

/** One way to answer a query, as `query?explain=` tells it (REST API Developer Guide, "Query Performance Feedback"). */
export interface QueryPlan {
  readonly cardinality: number;
  readonly fields: readonly string[];
  readonly leadingOperationType: 'Index' | 'TableScan';
  readonly notes: readonly {
    readonly description: string;
    readonly fields: string[];
    readonly tableEnumOrId: string;
  }[];
  readonly relativeCost: number;
  readonly sobjectCardinality: number;
  readonly sobjectType: string;
}

/** The ways to answer a query, the best first, without answering it. Throws what the query itself would. */
export function explainSoql(data: OrgData, session: Session, soql: string): QueryPlan[] {
  const { table, filter } = planSoql(data, session, soql);
  const sobjectType = table.object.name;
  const sobjectCardinality = table.records.size;
  const common = { sobjectCardinality, sobjectType };
  const scan: QueryPlan = {
    ...common,
    cardinality: sobjectCardinality,
    fields: [],
    leadingOperationType: 'TableScan',
    notes: [],
    relativeCost: 1,
  };
  const candidates = filter?.candidates?.();
  if (!filter || !candidates) return [scan];
  const cardinality = [...candidates].length;
  const index: QueryPlan = {
    ...common,
    cardinality,
    fields: filter.indexedBy ?? [],
    leadingOperationType: 'Index',
    notes: [],
    relativeCost: cardinality / Math.max(1, sobjectCardinality),
  };
  return [index, scan].sort((a, b) => a.relativeCost - b.relativeCost);
}
