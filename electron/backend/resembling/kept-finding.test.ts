import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { afterAll, expect, test } from 'vitest';
import { BackendProcess } from '../test-support/load-model/backend-process.ts';
import { SOURCES } from '../test-support/load-model/process-files.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';

const org = await startPracticeOrg(['--records', '40']);
const root = await mkdtemp(join(tmpdir(), 'longshore-found-'));
const running: BackendProcess[] = [];
afterAll(async () => {
  for (const process of running) await process.close();
  org.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

async function start() {
  const process = new BackendProcess(SOURCES);
  running.push(process);
  await process.open(join(root, 'data'));
  const target = { kind: 'custom' as const, loginUrl: org.url };
  const { orgId } = await process.must('orgs.signIn', { target, clientId: 'Longshore' });
  return { process, orgId };
}

async function leadsOfOrg(): Promise<Record<string, string>[]> {
  const soql = 'SELECT FirstName, LastName, Company, Email, Phone FROM Lead ORDER BY Id LIMIT 12';
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  const { records } = (await answer.json()) as { records: Record<string, string>[] };
  return records.map(({ FirstName = '', LastName = '', Company = '', Email = '', Phone = '' }) => ({
    FirstName,
    LastName,
    Company,
    Email,
    Phone,
  }));
}

test('what was found is there again with the plan, after its process has ended: pairs, threshold, and what can be decided', async () => {
  const file = join(root, 'leads.csv');
  const lines = (await leadsOfOrg()).map((lead) => ({ ...lead, Phone: '' }));
  await writeFile(file, Papa.unparse(lines));
  const first = await start();
  const { sourceId } = await first.process.stage(file);
  const wanted = { orgId: first.orgId, sourceId, objectName: 'Lead', operation: 'insert', useSaved: false } as const;
  const { misfits: _none, ...mapping } = await first.process.must('mapping.suggest', wanted);
  const { planId } = await first.process.must('plan.build', { orgId: first.orgId, sourceId, mapping });
  const found = await first.process.must('resembling.find', { planId });
  const view = { threshold: found.threshold, rule: null, which: 'open' } as const;
  const page = { planId, view, offset: 0, limit: 50 };
  const before = await first.process.must('resembling.pairs', page);
  expect(before.pairs.length).toBeGreaterThan(5);
  const words = before.pairs.slice(0, 2).map(({ row, record }) => ({ row, record, same: true }));
  const learnt = await first.process.must('resembling.learn', { planId, words });
  await first.process.kill();

  const second = await start();
  await second.process.must('plan.reopen', { planId });
  expect(await second.process.must('resembling.report', { planId })).toEqual(learnt);
  const after = await second.process.must('resembling.pairs', page);
  expect(after.pairs.map(({ row, record, reasons }) => [row, record, reasons])).toEqual(
    before.pairs.map(({ row, record, reasons }) => [row, record, reasons]),
  );
  const of = { threshold: learnt.threshold, rule: null };
  const { plan, rows } = await second.process.must('resembling.decide', { planId, of, decision: 'skip' });
  expect([plan.decided.skip, plan.counts.leftOut]).toEqual([rows, rows]);
});
