import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '3', '--person-accounts']);

async function planOf(name: string, lines: readonly Record<string, string>[]) {
  const path = join(app.data, `${name}.csv`);
  await writeFile(path, Papa.unparse(lines as Record<string, string>[]));
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation: 'insert', useSaved: false } as const;
  return app.call('plan.build', { orgId, sourceId, mapping: await app.call('mapping.suggest', wanted) });
}

async function load(name: string, lines: readonly Record<string, string>[]) {
  const { planId, planDigest } = await planOf(name, lines);
  return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
}

const PERSONS = ['Mei', 'Noor', 'Ilse', 'Rafa', 'Tove', 'Bram'].map((FirstName, n) => ({
  FirstName,
  LastName: `Vandersloot${n}`,
  PersonEmail: `${FirstName.toLowerCase()}@home${n}.example`,
  Phone: `+31 20 ${5550100 + n * 31}`,
  PersonMailingCity: 'Leiden',
}));
const COMPANIES = ['Vandersloot Shipping BV', 'Rhein Logistik GmbH'].map((Name, n) => ({
  Name,
  Website: `https://www.company${n}.example`,
  Phone: `+31 10 ${4440100 + n * 17}`,
}));

test('persons are compared with person accounts, and companies with the others', async () => {
  await org.admin('PUT', '/duplicate-rules', { matchingRules: [], duplicateRules: [] });
  expect((await load('persons', PERSONS)).counts).toMatchObject({ created: PERSONS.length });
  expect((await load('companies', COMPANIES)).counts).toMatchObject({ created: COMPANIES.length });
  const persons = await planOf('more-persons', [PERSONS[0]!, { ...PERSONS[1]!, FirstName: 'Nour' }]);
  const found = await app.call('resembling.find', { planId: persons.planId });
  const companies = await planOf('more-companies', [COMPANIES[0]!]);
  const others = await app.call('resembling.find', { planId: companies.planId });
  expect(found.records).toBe(PERSONS.length);
  expect(found.fields).toContain('Last Name');
  expect(others.records).toBeGreaterThanOrEqual(COMPANIES.length);
  for (const [plan, { threshold }, rows] of [
    [persons, found, 2],
    [companies, others, 1],
  ] as const) {
    const of = { threshold, rule: null };
    const decided = await app.call('resembling.decide', { planId: plan.planId, of, decision: 'skip' });
    expect([decided.rows, decided.plan.counts.leftOut]).toEqual([rows, rows]);
  }
});
