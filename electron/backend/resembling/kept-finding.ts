import { z } from 'zod';
import { RESEMBLANCE_KINDS } from '../../../shared/domain/resemblance.ts';
import { ResemblingReport } from '../../../shared/domain/resembling.ts';
import { digestOf } from '../digest-of.ts';
import { modelFor } from '../duplicates/default-models.ts';
import { parseJson } from '../parse-json.ts';
import { hasTables } from '../plan/has-tables.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, tablesOf } from '../tables/tables.ts';
import { comparedKinds } from './compared-kinds.ts';
import type { FoundInPlan } from './find-in-plan.ts';

/** What was found beside the pairs, in the plan's database, so that a plan that is opened again has it. */
const FACTS = 'compared_facts';

const Capped = z.object({ rule: z.string(), blocks: z.number(), pairs: z.number(), lookedAt: z.number() });

/** The model is SQL, and is made again; `model` is its digest. */
const Kept = z.object({
  model: z.string(),
  kinds: z.array(z.enum(RESEMBLANCE_KINDS)),
  prior: z.number(),
  threshold: z.number(),
  capped: z.array(Capped),
  report: ResemblingReport.omit({ rules: true, threshold: true, calls: true }),
  calls: z.number(),
});

/** Keeps what was found, or learnt of it since. */
export async function keepFinding(sql: StagingSql, { plan }: StoredPlan, found: FoundInPlan): Promise<void> {
  const { resemblance, kinds, report, calls } = found;
  const { model, prior, threshold, capped } = resemblance;
  const kept: z.infer<typeof Kept> = {
    model: digestOf(model),
    kinds: [...kinds],
    prior,
    threshold,
    capped: [...capped],
    report,
    calls,
  };
  const facts = tablesOf(plan.planId).named(FACTS);
  await sql.run(
    `${createTable(facts, { columns: { facts: 'VARCHAR NOT NULL' }, key: null })}; INSERT INTO ${facts} VALUES (${quoteText(JSON.stringify(kept))})`,
  );
}

/** What was found in a plan before; null where nobody has looked, or another version of Longshore that compared otherwise. */
export async function readFinding(sql: StagingSql, stored: StoredPlan): Promise<FoundInPlan | null> {
  const { planId } = stored.plan;
  const kinds = comparedKinds(stored);
  if (!kinds || !(await hasTables(sql, planId, FACTS, 'resembling_pairs'))) return null;
  const [row] = await sql.query(`SELECT facts FROM ${tablesOf(planId).named(FACTS)}`);
  const kept = Kept.safeParse(parseJson(textOf(row, 'facts')));
  if (!kept.success) return null;
  const { model: digest, kinds: used, prior, threshold, capped, report, calls } = kept.data;
  const model = modelFor(kinds.model, new Set(used));
  if (digestOf(model) !== digest) return null;
  const sides = { left: 'rows', right: 'records' } as const;
  return { resemblance: { model, sides, prior, threshold, capped }, kinds: used, report, calls };
}

/** What was found is not what there is any more: it is looked for anew. */
export async function forgetFinding(sql: StagingSql, { plan }: StoredPlan): Promise<void> {
  await sql.run(`DROP TABLE IF EXISTS ${tablesOf(plan.planId).named(FACTS)}`);
}
