import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '4']);
  app = await startBackend(org);
});
afterAll(async () => {
  await app.close();
  org.stop();
});

test('groups and what is left out of them add up to every row with a problem', async () => {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const path = join(app.data, 'many.csv');
  // Each of 252 values once, and the first of them twice more.
  const lines = [...Array.from({ length: 252 }, (_, n) => `A${n},no address ${n}`), 'B,no address 0', 'C,no address 0'];
  await writeFile(path, `Last Name,Email\n${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Contact', operation: 'insert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const report = await app.call('checks.run', { orgId, sourceId, mapping });
  const shown = report.groups.filter(({ level }) => level === 'row').reduce((sum, { rows }) => sum + rows, 0);
  expect(report.rowsBlocked).toBe(254);
  expect(report.leftOut).toEqual({ groups: 52, rows: 52 });
  expect(shown + report.leftOut.rows).toBe(254);
});
