import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PlanId } from '../../../shared/domain/ids.ts';
import { MOST_FAILURE_GROUPS } from '../../../shared/domain/load-results.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { createTable, OUTCOME, tablesOf } from '../tables/tables.ts';
import { startFaultBench } from '../test-support/fault-bench.ts';
import { stagingOver } from '../test-support/engine-staging.ts';
import { failuresSoFar } from './failure-groups.ts';

const planId = PlanId.parse('plan_failuregroups000');
const bench = await startFaultBench();
afterAll(() => bench.close());

test('failed rows are told by their reason as each job ends, before the load has', async () => {
  await bench.app.call('settings.change', { jobMegabytes: 0.01 });
  // One row in ten weighs less than nothing, which the org has a rule against.
  const rows = Array.from({ length: 600 }, (_, n) => `FAIL-${n},ERP-100001,${n % 10 === 3 ? -5 : 5}`);
  const csv = `Tracking_Code__c,Account__r.ERP_Id__c,Weight__c\n${rows.join('\n')}\n`;
  const loadId = await bench.load(csv, { object: 'Shipment__c', operation: 'upsert' }, []);
  const done = await bench.app.finished(loadId);
  const weight = {
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    fields: 'Weight__c',
    message: 'FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --',
  };
  expect(done.jobs.length).toBeGreaterThan(1);
  expect(done.counts).toMatchObject({ created: 540, failed: 60 });
  expect(done.failures).toEqual({ groups: [{ ...weight, rows: 60 }], otherRows: 0 });

  const told = bench.app.events.flatMap((event) => (event.topic === 'load' ? [event.load] : []));
  const early = told.filter(({ state, failures }) => state.kind === 'running' && failures.groups.length > 0);
  expect(early.length, 'told while rows are still on their way').toBeGreaterThan(0);
  expect(early[0]?.failures.groups).toEqual([{ ...weight, rows: expect.any(Number) as number }]);
  for (const { counts, failures } of told) {
    const byReason = failures.groups.reduce((sum, group) => sum + group.rows, failures.otherRows);
    expect(byReason, 'the same rows by reason as by outcome').toBe(counts.failed);
  }
});

test('reasons beyond the most frequent ones are counted together, and texts of one reason are one', async () => {
  const engine = await DuckDbEngine.create(join(bench.app.data, 'spill'));
  await engine.createDatabase(planId, join(bench.app.data, 'plan.duckdb'), { columns: 4, joinedRows: 100 });
  const staging = stagingOver(engine);
  const { outcome } = tablesOf(planId);
  await staging.run(createTable(outcome, OUTCOME));
  // Code n has n rows, each with a text of its own; the last text is longer than any that is kept.
  await staging.run(
    `INSERT INTO ${outcome} SELECT row_number() OVER (), 'failed', '',
       'CODE_' || code || ':record ' || nth || repeat('.', CASE WHEN code = 12 THEN 2000 ELSE 0 END) || ':Name --'
     FROM range(1, 13) c(code), range(1, 13) r(nth) WHERE nth <= code`,
  );
  await staging.run(
    `INSERT INTO ${outcome} VALUES (1000, 'skipped', '', 'NOT_A_NUMBER: x'), (1001, 'created', '', '')`,
  );
  const { groups, otherRows } = await failuresSoFar(staging, planId);
  expect(groups.map(({ statusCode, fields, rows }) => [statusCode, fields, rows])).toEqual(
    Array.from({ length: MOST_FAILURE_GROUPS }, (_, at) => [`CODE_${12 - at}`, 'Name', 12 - at]),
  );
  expect(otherRows).toBe(1 + 2 + 3 + 4);
  expect(groups[0]?.message).toHaveLength(500);
  await engine.databases.forget(planId);
});
