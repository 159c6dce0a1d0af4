import { join } from 'node:path';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { digestOf } from '../digest-of.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { createTable, DECIDED_CELL, LEFT_OUT, ROW_DECISION, tablesOf } from '../tables/tables.ts';
import { lookUpIds } from '../lookups/look-up-ids.ts';
import { resolveLookups } from '../lookups/resolve-lookups.ts';
import { blockLoadedBefore, blockMissingParents, blockUnmatched, matchRows } from './block-rows.ts';
import { classifyRows } from './classify-rows.ts';
import { copySource } from './copy-source.ts';
import { indexRows } from '../validation/mapped-view.ts';
import { explainMissing } from './explain-missing.ts';
import type { FetchTools } from './fetch-current-records.ts';
import { digestPlan, measurePlan } from './measure-plan.ts';
import { keepChanged } from './keep-changed.ts';
import { keepValues, leaveRecords } from './leave-alone.ts';
import { nameRecords } from './name-records.ts';
import { noteOrgIssues } from './org-problems.ts';
import { orderRows } from './order-rows.ts';
import { putOffCells } from './parents-in-file.ts';
import { refuseOrgCircles } from './refuse-org-circles.ts';
import type { PlanInput } from './plan-input.ts';
import { makeSearchText } from './search-text.ts';
import { shownFields } from './shown-fields.ts';
import { takeFromBin } from './take-from-bin.ts';
import { findSimilar } from './similar/find-similar.ts';

export interface PlanTools extends FetchTools {
  readonly staging: FetchTools['staging'] & Pick<StagingClient, 'create' | 'attach'>;
}

/**
 * Works out what a load would do to every row of a checked source, and leaves it in the plan's own database (tables/): copies of
 * the source's tables, the org's records as fetched, and `planned`. Nothing is written to the org.
 */
export async function buildLoadPlan(
  tools: PlanTools,
  input: PlanInput,
  signal: AbortSignal,
  progress: (stage: 'fetching' | 'comparing', done: number) => void,
): Promise<LoadPlan> {
  const { planId, source, mapping, folder } = input;
  const need = { columns: source.columns.length, joinedRows: source.rows };
  const path = join(folder, 'plan.duckdb');
  await copySource(tools.staging, input, path, need, signal);
  const staging = tools.staging.until(signal);
  const own = tablesOf(planId);
  progress('fetching', 0);
  // Parents are asked for each time: of those that were missed, somebody may have made some since.
  const { keep: _kept, ...now } = tools;
  const lookups = await resolveLookups(now, input, signal);
  await blockMissingParents(now, input, signal);
  const fetched = await matchRows(tools, input, signal, (records) => progress('fetching', records));
  await nameRecords(staging, input);
  lookups.push(...(await lookUpIds(now, input, signal, (records) => progress('fetching', records))));
  progress('comparing', 0);
  await blockUnmatched(tools, input, signal);
  await explainMissing(now, input, signal);
  await takeFromBin(staging, input);
  await blockLoadedBefore(staging, input);
  await leaveRecords(staging, input);
  const keptFields = [...(await keepValues(staging, input)), ...(await keepChanged(staging, input))];
  await refuseOrgCircles(tools, input, signal);
  await orderRows(staging, input);
  await noteOrgIssues(staging, input);
  await classifyRows(staging, input);
  await putOffCells(staging, input);
  await staging.run(
    `${createTable(own.leftOut, LEFT_OUT)}; ${createTable(own.rowDecision, ROW_DECISION)}; ${createTable(own.decidedCell, DECIDED_CELL)}`,
  );
  await findSimilar(tools.staging, input, signal);
  await indexRows(staging, planId);
  await makeSearchText(staging, { planId, mapping, rows: source.rows });
  const facts = {
    orgId: input.orgId,
    sourceId: source.sourceId,
    sourceDigest: source.digest,
    mappingDigest: digestOf(mapping),
    describeDigest: digestOf(input.describe),
    mapping,
    currentRecordsFetchedAt: Math.min(input.now, tools.keep?.oldest ?? input.now),
    fetched,
    rows: source.rows,
    lookups,
    keptFields,
    carried: null,
    shownFields: shownFields(mapping, input.describe).map(({ name }) => name),
    jobBytes: input.jobBytes,
    jobsAtOnce: mapping.policies?.jobsAtOnce ?? input.jobsAtOnce,
    ...(await measurePlan(staging, { planId, mapping, rows: source.rows, jobBytes: input.jobBytes })),
  };
  const planDigest = await digestPlan(staging, facts, planId);
  // What is left to do is to show pages of it, until it is loaded.
  await tools.staging.attach(planId, path, { ...need, joinedRows: 0 });
  return { planId, planDigest, ...facts };
}
