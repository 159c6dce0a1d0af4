import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startDesktopHarness, type DesktopApp } from './support/desktop-harness.ts';
import { DesktopProcess } from './support/desktop-process.ts';

/** What the desktop host has of its own: the menu, files from outside, and the desk around the window. */
const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const FOLDER = fileURLToPath(new URL('../examples', import.meta.url));

const choose = (app: DesktopApp, ...path: string[]) => app.host.act({ kind: 'choose-menu', path });
const item = (app: DesktopApp, ...path: string[]) =>
  app.host
    .said('menu')
    .at(-1)
    ?.items.find((one) => one.path.join(' › ') === path.join(' › '));
const canChoose = (app: DesktopApp, ...path: string[]) => expect.poll(() => item(app, ...path)?.enabled ?? null);

async function toPlan(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Plan/ }).first().click();
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes?/ })).toBeVisible();
}

/** A load of 5,000 rows that Salesforce takes some seconds for. */
async function startLoad(app: DesktopApp): Promise<void> {
  await usePracticeOrg(app);
  await app.drop([example('accounts.csv')]);
  await expect(app.page.getByRole('button', { name: /20 of 21 columns/ })).toBeVisible();
  await toPlan(app.page);
  await canChoose(app, 'Load', 'Start Load').toBe(true);
  expect(await choose(app, 'Load', 'Start Load')).toBe(true);
  await expect(app.page.getByRole('row', { name: /InProgress/ })).toBeVisible();
}

test('files come from the command line, a second start, the dock and the menu, and one that can’t be read is told', async ({
  browser,
}) => {
  const app = await startDesktopHarness(browser, { words: [example('contacts.csv')] });
  const { page } = app;
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();

  const second = new DesktopProcess({ data: app.data, words: [example('kunden.csv')] });
  await expect(page.getByText('800 rows, 11 columns')).toBeVisible();
  expect(await second.ended).toBe(0);
  expect(await app.host.act({ kind: 'open-file', path: example('accounts.csv') })).toBe(true);
  await expect(page.getByText('5,000 rows, 21 columns')).toBeVisible();

  await canChoose(app, 'File', 'Open Recent', 'kunden.csv').toBe(true);
  await choose(app, 'File', 'Open Recent', 'kunden.csv');
  await expect(page.getByText('800 rows, 11 columns')).toBeVisible();
  expect(app.host.said('recent-document').map(({ path }) => path)).toEqual([
    example('contacts.csv'),
    example('kunden.csv'),
    example('accounts.csv'),
  ]);
  expect(await page.content(), 'the page never sees a path').not.toContain(FOLDER);

  const third = new DesktopProcess({ data: app.data, words: ['nowhere.csv'] });
  await expect(page.getByRole('alert')).toContainText('“nowhere.csv” can no longer be read');
  await third.ended;
  await app.close();
});

test('the menu chooses the theme, and opens a file as a click does', async ({ browser }) => {
  const app = await startDesktopHarness(browser);
  const { page } = app;
  app.host.on('ask-open', ({ id }) => app.host.post({ kind: 'dialog-answer', id, paths: [example('contacts.csv')] }));
  const root = page.locator('html');
  await choose(app, 'View', 'Theme', 'Dark');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await expect.poll(() => item(app, 'View', 'Theme', 'Dark')?.checked).toBe(true);
  await choose(app, 'View', 'Theme', 'Light');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light');
  expect(item(app, 'File', 'Export…')?.enabled).toBe(false);
  expect(item(app, 'Load', 'Start Load')?.enabled).toBe(false);
  await choose(app, 'File', 'Open…');
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await canChoose(app, 'File', 'Export…').toBe(true);
  await choose(app, 'Help', 'Show Log File');
  await app.host.until('show-in-folder', ({ path }) => path.endsWith('longshore.log'));
  await app.close();
});

test('an incident leads to the log, and its details can be copied', async ({ browser }) => {
  const app = await startDesktopHarness(browser);
  const { page, host } = app;
  expect(item(app, 'Help', 'Copy Incident Details')?.enabled).toBe(false);
  // Nobody expects a dialog that answers with what is no path.
  host.on('ask-open', ({ id }) => host.post({ kind: 'dialog-answer', id, paths: [42 as unknown as string] }));
  await canChoose(app, 'File', 'Open…').toBe(true);
  await choose(app, 'File', 'Open…');
  await expect(page.getByRole('alert')).toContainText('Something went wrong inside Longshore');
  const incident = /incident (\w+)/.exec(await page.getByRole('alert').innerText())?.[1] ?? '';
  await expectAccessible(page, 'desk-incident', ['light']);
  await page.getByRole('button', { name: 'Show log' }).click();
  const { path } = await host.until('show-in-folder');
  expect(await readFile(path, 'utf8')).toContain(incident);
  await canChoose(app, 'Help', 'Copy Incident Details').toBe(true);
  await choose(app, 'Help', 'Copy Incident Details');
  expect((await host.until('clipboard')).text).toContain(`Incident ${incident}`);
  await app.close();
});

test('while a load runs the taskbar shows it, the computer stays awake, and its end is told to who looks elsewhere', async ({
  browser,
}) => {
  const app = await startDesktopHarness(browser, { rowsPerSecond: 1000 });
  const { page, host } = app;
  await startLoad(app);
  expect(host.said('awake').at(-1)?.types).toEqual(['prevent-app-suspension']);
  await host.until('progress', ({ share, mode }) => share > 0 && mode === 'normal');
  await canChoose(app, 'Load', 'Cancel Load').toBe(true);

  host.on('ask-message', ({ id }) => host.post({ kind: 'message-answer', id, button: 0 }));
  await host.act({ kind: 'close-window' });
  const question = await host.until('ask-message');
  expect([question.message, question.buttons]).toEqual([
    'A load is running.',
    ['Keep Loading', 'Quit and Resume Later'],
  ]);
  await expect(page.getByRole('heading', { name: /^Loading: / })).toBeVisible();

  await host.act({ kind: 'minimize-window' });
  const { title, body } = await host.until('notification');
  expect(title).toBe('accounts.csv is loaded');
  expect(body).toMatch(/^[\d,]+ records changed in Account in Practice org; \d+ rows to check\.$/);
  expect(host.said('awake').at(-1)?.types).toEqual([]);
  expect(host.said('progress').at(-1)?.share).toBe(-1);
  await host.act({ kind: 'click-notification' });
  await host.until('window', ({ event }) => event === 'restore');
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await app.close();
});

test('“quit and go on later” ends the app, and the next start offers to go on', async ({ browser }) => {
  test.setTimeout(180_000);
  const data = await mkdtemp(join(tmpdir(), 'longshore-quit-'));
  const app = await startDesktopHarness(browser, { rowsPerSecond: 300, data });
  await startLoad(app);
  app.host.on('ask-message', ({ id }) => app.host.post({ kind: 'message-answer', id, button: 1 }));
  await app.host.act({ kind: 'quit' });
  expect(await app.host.ended).toBe(0);
  expect(app.host.said('ask-message')).toHaveLength(1);

  const again = await startDesktopHarness(browser, { data });
  const { page } = again;
  await expect(page.getByText(/The load of accounts\.csv into Account is paused/)).toBeVisible();
  await takePicture(page, 'desk-paused-home');
  // The practice org has ended with the app, and is started again for the session that was kept.
  await page.getByRole('button', { name: 'See and resume' }).click();
  await expect(page.getByRole('alert')).toContainText('Longshore was closed while this load was running.');
  await canChoose(again, 'Load', 'Resume Load').toBe(true);
  await choose(again, 'Load', 'Resume Load');
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('5,000');
  await again.close();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
});

test('a result file is put elsewhere where it can’t be put, shown in its folder and dragged out', async ({
  browser,
}) => {
  const app = await startDesktopHarness(browser);
  const { page, host } = app;
  await usePracticeOrg(app);
  await app.drop([example('contacts.csv')]);
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await toPlan(page);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();

  const good = join(app.data, 'mine.csv');
  const places = [join(app.data, 'a folder that is gone', 'mine.csv'), good];
  host.on('ask-save', ({ id }) => host.post({ kind: 'dialog-answer', id, paths: [places.shift() ?? ''] }));
  host.on('ask-message', ({ id }) => host.post({ kind: 'message-answer', id, button: 0 }));
  await canChoose(app, 'File', 'Export…').toBe(true);
  await choose(app, 'File', 'Export…');
  await expect(page.getByText('Saved as mine.csv.')).toBeVisible();
  const { message, buttons } = await host.until('ask-message');
  expect([message, buttons]).toEqual([
    '“mine.csv” can’t be saved: its folder no longer exists.',
    ['Save Somewhere Else', 'Cancel'],
  ]);
  expect((await readFile(good, 'utf8')).split('\n')[0]).toMatch(/^sf__Id,sf__(Error|Created),/);
  await expectAccessible(page, 'desk-saved', ['light']);

  await page.getByRole('button', { name: 'Show in folder' }).click();
  expect((await host.until('show-in-folder')).path).toBe(good);
  await page.getByTitle('Drag it into another program').dispatchEvent('dragstart');
  expect((await host.until('drag')).file).toBe(good);
  await app.close();
});
