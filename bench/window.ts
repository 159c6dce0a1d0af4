import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { findChromium } from '../scripts/find-chromium.ts';
import { BrowserHost } from './browser-host.ts';
import { LongTasks } from './long-tasks.ts';
import { writeAccounts } from './whole-job.ts';
import { writeRows } from './write-rows.ts';

/**
 * The window at its widest and its longest: a file of 300 columns for an object of 300 fields, and a million rows of 20 columns, opened and
 * gone through in a real Chromium. Says how long each answer took to be seen, and the longest task of the page meanwhile. One command,
 * `npm run bench:window`; `-- --rows N` for another number than a million, `-- --rows 0` for the wide file alone.
 */
const given = process.argv.indexOf('--rows');
const ROWS = given < 0 ? 1_000_000 : Number(process.argv[given + 1]);
const WIDE_COLUMNS = 300;
const WIDE_ROWS = 2_000;
/** Milliseconds: nothing takes longer without a sign of life, and no task holds the page up for longer. */
const BARS = { shown: 200, task: 50 };

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
const org = await startPracticeOrg(['--schema', schema, '--records', '500']);
const host = new BrowserHost(join(folder, 'data'), 0, join(folder, 'loops.txt'));
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

const hasText = (selector: string, text: string) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].some((one) => one.textContent.includes(${JSON.stringify(text)}))`;

async function open(page: Page, tasks: LongTasks, what: string, path: string): Promise<void> {
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await tasks.step(
    `${what}: opened, its first rows`,
    () => page.getByLabel('File to load').setInputFiles(path),
    `document.querySelector('.ag-row [col-id="c0"]')`,
  );
  await tasks.step(
    `${what}: read to its end`,
    () => Promise.resolve(),
    `document.querySelector('[data-primary]:not(:disabled)')`,
  );
}

/** The rows: to the last column, to the last row, and in another order. */
async function goThroughRows(page: Page, tasks: LongTasks, what: string, last: number, rows: number): Promise<void> {
  await page.locator('.ag-row[row-index="0"] [col-id="c0"]').click();
  await tasks.step(
    `${what}: to the last column`,
    () => page.keyboard.press('End'),
    `document.querySelector('.ag-row [col-id="c${last}"]')`,
  );
  await tasks.step(
    `${what}: to the last row`,
    () => page.keyboard.press('Control+End'),
    `document.querySelector('.ag-row[row-index="${rows - 1}"] [col-id="row"]')?.textContent.trim() === '${rows.toLocaleString('en')}'`,
  );
  const header = `.ag-header-cell[col-id="c${last}"]`;
  await tasks.step(
    `${what}: sorted`,
    () => page.locator(`${header} .column-header button`).first().click(),
    `document.querySelector('${header} svg[aria-label="ascending"]')`,
  );
}

/** The mapping: opened, to its end, a field list, another field. */
async function goThroughMapping(page: Page, tasks: LongTasks, what: string, columns: number): Promise<void> {
  await page.getByRole('button', { name: /^Map / }).click({ trial: true });
  await tasks.step(
    `${what}: mapping opened`,
    () => page.getByRole('button', { name: /^Map / }).click(),
    `document.querySelector('table.mapping tbody tr')`,
  );
  await page.getByRole('button', { name: /See the checks/ }).click({ trial: true });
  const picker = page.locator('table.mapping').getByRole('combobox').first();
  await tasks.step(`${what}: a field list opened`, () => picker.click(), `document.querySelector('.field-option')`);
  await tasks.step(
    `${what}: a field searched for`,
    () => picker.pressSequentially('name'),
    `document.querySelector('.field-option')`,
  );
  await page.keyboard.press('Escape');
  const left = Number(/\d+/.exec((await page.getByText(/^Not loaded \(/).textContent()) ?? '')?.[0]);
  await tasks.step(
    `${what}: a column not loaded any more`,
    () => page.locator('table.mapping tr[data-unmapped="false"] .filled button').first().click(),
    hasText('.row-filter', `Not loaded (${left + 1})`),
  );
  await page.getByRole('button', { name: /See the checks/ }).click({ trial: true });
  await tasks.step(
    `${what}: mapping scrolled to its end`,
    () => page.evaluate(`document.querySelector('.main').scrollTo(0, 1e9)`),
    `true`,
  );
  await tasks.step(
    `${what}: checks opened (${columns} columns)`,
    () => page.getByRole('button', { name: /See the checks/ }).click(),
    `!(${hasText('main h2', 'mapped to')})`,
  );
}

const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
try {
  const tasks = await LongTasks.in(page);
  const link = await host.address();
  await page.goto(link);
  await page.getByText('Drop a CSV anywhere').waitFor();
  await host.borrowToken(page, link);
  await host.call('orgs.useToken', {
    target: { kind: 'custom', loginUrl: org.url },
    accessToken: org.accessToken,
    keep: false,
  });
  const wide = join(folder, 'wide.csv');
  await writeWide(wide);
  await open(page, tasks, '300 columns', wide);
  await goThroughRows(page, tasks, '300 columns', WIDE_COLUMNS - 1, WIDE_ROWS);
  await goThroughMapping(page, tasks, '300 columns', WIDE_COLUMNS);
  if (ROWS > 0) {
    const long = join(folder, 'long.csv');
    await writeAccounts(long, ROWS);
    await open(page, tasks, `${ROWS.toLocaleString('en')} rows`, long);
    await goThroughRows(page, tasks, `${ROWS.toLocaleString('en')} rows`, 19, ROWS);
    await goThroughMapping(page, tasks, `${ROWS.toLocaleString('en')} rows`, 20);
  }
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
  process.stdout.write(`\n${processor}, Node ${process.version}, Chromium ${browser.version()}\n\n`);
  process.stdout.write(`| what | seen after | longest task (bar: ${BARS.task} ms) |\n| --- | --- | --- |\n`);
  for (const { name, shown, longest } of tasks.steps)
    process.stdout.write(
      `| ${name} | ${shown.toFixed(0)} ms | ${longest === 0 ? `under ${BARS.task} ms` : `${longest.toFixed(0)} ms`} |\n`,
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
