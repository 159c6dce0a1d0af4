import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { findChromium } from '../scripts/find-chromium.ts';
import { BrowserHost, PRACTICE_ORG_HEAP } from './browser-host.ts';
import { LongTasks } from './long-tasks.ts';
import { writeAccounts } from './whole-job.ts';
import { WindowWalk } from './window-walk.ts';
import { writeRows } from './write-rows.ts';

/**
 * The window at its widest and its longest: a file of 300 columns for an object of 300 fields, and a million rows of 20 columns, opened and
 * gone through in a real Chromium from the first row to the report. Says how long it took to the first sign of life and to the answer, and the longest task of the page meanwhile. One command,
 * `npm run bench:window`; `-- --rows N` for another number than a million, `-- --rows 0` for the wide file alone.
 */
const given = process.argv.indexOf('--rows');
const ROWS = given < 0 ? 1_000_000 : Number(process.argv[given + 1]);
const WIDE_COLUMNS = 300;
const WIDE_ROWS = 2_000;
/** Milliseconds: nothing takes longer without a sign of life, and no task holds the page up for longer. */
const BARS = { sign: 200, task: 50 };

const milliseconds = (time: number): string => `${time.toFixed(0)} ms`;

const TYPES = [
  { type: 'string', length: 80 },
  { type: 'double', precision: 12, scale: 2 },
  { type: 'date' },
  { type: 'boolean' },
  { type: 'picklist', values: ['New', 'Open', 'Closed'] },
  { type: 'email', length: 80 },
  { type: 'reference', referenceTo: ['Account'] },
] as const;
const VALUES = ['text', 12.5, '2024-03-01', true, 'Open', 'ann@example.com', ''] as const;

/** Nine of ten columns have a field of their name; the rest have none. */
const fields = Array.from({ length: WIDE_COLUMNS }, (_, at) => ({
  name: `Measure_${at}__c`,
  label: `Measure ${at}`,
  ...(TYPES[at % TYPES.length] ?? TYPES[0]),
  ...(at % TYPES.length === 6 ? { relationshipName: `Measure_${at}__r` } : {}),
}));
const header = fields.map(({ name }, at) => (at % 10 === 9 ? `Remark ${at}` : name));

async function writeWide(path: string): Promise<void> {
  await writeRows(path, header, WIDE_ROWS, (n) =>
    Object.fromEntries(header.map((name, at) => [name, (n + at) % 5 === 0 ? '' : VALUES[at % VALUES.length]])),
  );
}

const folder = await mkdtemp(join(tmpdir(), 'longshore-window-'));
const schema = join(folder, 'schema.json');
await writeFile(
  schema,
  JSON.stringify({
    objects: [
      {
        name: 'Survey__c',
        label: 'Survey',
        labelPlural: 'Surveys',
        keyPrefix: 'a77',
        fields: [{ name: 'Name', label: 'Survey Name', type: 'string', length: 80, nameField: true }, ...fields],
      },
    ],
  }),
);
// It keeps its records in memory, about 2 KB each, which is more than Node takes by itself; and it has room for a million of them.
process.env['NODE_OPTIONS'] = `--max-old-space-size=${PRACTICE_ORG_HEAP}`;
const org = await startPracticeOrg(['--schema', schema, '--records', '500', '--knob', 'storageMB=1000000']);
const host = new BrowserHost(join(folder, 'data'), 0, join(folder, 'loops.txt'));
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
try {
  const tasks = await LongTasks.in(browser, page);
  const link = await host.address();
  await tasks.step(
    'the window, and the grid behind it',
    () => page.goto(link),
    `performance.getEntriesByType('resource').some(({ name }) => name.includes('data-grid'))`,
  );
  await host.borrowToken(page, link);
  await host.call('orgs.useToken', {
    target: { kind: 'custom', loginUrl: org.url },
    accessToken: org.accessToken,
    keep: false,
  });
  const wide = join(folder, 'wide.csv');
  await writeWide(wide);
  const ofWide = new WindowWalk(page, tasks, `${WIDE_COLUMNS} columns`, 60_000);
  await ofWide.open(wide, WIDE_ROWS);
  await ofWide.rows(WIDE_COLUMNS - 1, WIDE_ROWS);
  await ofWide.mapping();
  await ofWide.checks();
  await ofWide.plan();
  if (ROWS > 0) {
    const long = join(folder, 'long.csv');
    await writeAccounts(long, ROWS);
    const ofLong = new WindowWalk(page, tasks, `${ROWS.toLocaleString('en')} rows`, 600_000);
    await ofLong.open(long, ROWS);
    await ofLong.rows(19, ROWS);
    await ofLong.mapping();
    await ofLong.checks();
    await ofLong.plan();
    await ofLong.load();
  }
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
  process.stdout.write(`\n${processor}, Node ${process.version}, Chromium ${browser.version()}\n\n`);
  process.stdout.write(
    `| what | first sign (bar: ${BARS.sign} ms) | seen after | longest task (bar: ${BARS.task} ms) | of that, of a processor |\n| --- | --- | --- | --- | --- |\n`,
  );
  for (const { name, sign, shown, longest, processor: cpu } of tasks.steps)
    process.stdout.write(
      `| ${name} | ${milliseconds(sign)} | ${milliseconds(shown)} | ${longest === 0 ? `under ${BARS.task} ms` : milliseconds(longest)} | ${cpu === null ? '–' : milliseconds(cpu)} |\n`,
    );
} catch (error) {
  await page.screenshot({ path: 'test-results/bench-window.png' });
  throw error;
} finally {
  await browser.close();
  await host.stop();
  org.stop();
  await rm(folder, { recursive: true, force: true });
}
