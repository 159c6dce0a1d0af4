import { similarBy, type MappedColumn } from '../../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../../shared/domain/ids.ts';
import type { ResemblanceKind } from '../../../../shared/domain/resemblance.ts';
import { SimilarSummary } from '../../../../shared/domain/similar-rows.ts';
import { fieldNamed } from '../../../../shared/domain/sobject.ts';
import { chosenModel, kindsOf } from '../../duplicates/chosen-model.ts';
import { modelFor, type ResemblanceModel } from '../../duplicates/default-models.ts';
import { resemblanceTables } from '../../duplicates/resemblance-work.ts';
import type { Resemblance } from '../../duplicates/find-resembling.ts';
import { textOf } from '../../staging/staging-functions.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { quoteText } from '../../tables/quote.ts';
import { tablesOf } from '../../tables/tables.ts';
import type { PlannedMapping } from '../plan-input.ts';

/** What holds of all rows of a plan that resemble one another. */
const State = SimilarSummary.pick({ threshold: true, keep: true, newestBy: true, capped: true });
export type SimilarState = ReturnType<typeof State.parse>;

/** What the tables of the comparison begin with. */
export const SIMILAR_PREFIX = 'similar';

/** As what each column is compared, and by which model. */
export interface ComparedColumns {
  readonly alike: readonly (MappedColumn & { readonly kind: ResemblanceKind })[];
  readonly equal: readonly MappedColumn[];
  readonly model: ResemblanceModel;
}

/** How a plan's rows are compared with one another; null where they aren't. */
export function comparedColumns({
  mapping,
  describe,
}: Pick<PlannedMapping, 'mapping' | 'describe'>): ComparedColumns | null {
  const chosen = similarBy(mapping);
  if (!chosen) return null;
  const fields = chosen.alike.map(({ target }) =>
    target.kind === 'field' ? fieldNamed(describe, target.field) : undefined,
  );
  const kinds = kindsOf(fields);
  const alike = chosen.alike.map((column, at) => ({ ...column, kind: kinds[at] ?? 'text1' }));
  return { alike, equal: chosen.equal, model: modelFor(chosenModel(mapping.objectName, kinds), new Set(kinds)) };
}

/** The pairs that were found of a plan's rows. */
export function similarPairs(
  sql: StagingSql,
  planId: PlanId,
  { model }: ComparedColumns,
): Pick<Resemblance, 'work' | 'sides' | 'model'> {
  return { work: resemblanceTables(sql, planId, SIMILAR_PREFIX), sides: { left: 'rows', right: 'rows' }, model };
}

/** null where the plan's rows were not compared with one another. */
export async function readState(sql: StagingSql, planId: PlanId): Promise<SimilarState | null> {
  const [found] = await sql.query(`SELECT facts FROM ${tablesOf(planId).similarState}`);
  return found ? State.parse(JSON.parse(textOf(found, 'facts'))) : null;
}

export async function writeState(sql: StagingSql, planId: PlanId, state: SimilarState): Promise<void> {
  const { similarState } = tablesOf(planId);
  await sql.run(
    `DELETE FROM ${similarState}; INSERT INTO ${similarState} VALUES (${quoteText(JSON.stringify(state))})`,
  );
}

/** What a plan says of its similar rows. */
export async function measureSimilar(
  sql: StagingSql,
  { planId }: { readonly planId: PlanId },
): Promise<SimilarSummary | null> {
  const state = await readState(sql, planId);
  if (!state) return null;
  const { similarGroup, planned } = tablesOf(planId);
  const [counted] = await sql.query(
    `SELECT count(DISTINCT g.first_row) AS groups, count(*) AS n, count(*) FILTER (p.kind = 'duplicate') AS replaced,
       count(DISTINCT g.first_row) FILTER (g.chosen) AS chosen
     FROM ${similarGroup} g JOIN ${planned} p USING (row_number)`,
  );
  const [groups, rows, replaced, chosen] = ['groups', 'n', 'replaced', 'chosen'].map((name) =>
    Number(counted?.[name] ?? 0),
  );
  return { ...state, groups: groups ?? 0, rows: rows ?? 0, replaced: replaced ?? 0, chosen: chosen ?? 0 };
}
