import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { allow, expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { ANY_HOST, HOSTS } from './support/hosts.ts';
import type { LongshoreApp } from './support/window.ts';

const example = (name: string): string => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const BERTHS = 'Berth Name,Berth Code\nNorth quay,RUN-1\nSouth quay,RUN-2\n';

const rail = (page: Page, step: string) =>
  page.getByRole('navigation', { name: 'Steps of this load' }).getByRole('button').filter({ hasText: step });

/** Rows by group, as the screen shows them. */
async function groupsOf(page: Page, within: string): Promise<Record<string, number>> {
  const shown = await page.locator(`${within} [data-group]`).evaluateAll((elements) =>
    elements.map((element) => [
      (element as HTMLElement).dataset['group'] ?? '',
      // The number comes last, in a chip as in a ledger's row.
      Number((element.lastElementChild?.textContent ?? '').replaceAll(',', '')),
    ]),
  );
  return Object.fromEntries(shown) as Record<string, number>;
}

const sum = (groups: Record<string, number>): number => Object.values(groups).reduce((all, one) => all + one, 0);

async function toPlan(page: Page): Promise<void> {
  await rail(page, 'Plan').click();
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes?/ })).toBeVisible();
}

async function loadBerths(app: LongshoreApp, path: string): Promise<void> {
  const { page } = app;
  await writeFile(path, BERTHS);
  await usePracticeOrg(app);
  await app.drop([path]);
  await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
  await toPlan(page);
  await page.getByRole('button', { name: 'Load 2 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
}

test('a load is run again from home, checked, and sends nothing by itself', async ({ browser }, info) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await loadBerths(app, info.outputPath('quays.csv'));
  const loads = page.getByRole('region', { name: 'Recent loads' });
  await expect(loads).toContainText('2 created');
  await takePicture(page, 'home-loads');
  await loads.getByRole('button', { name: /^Run again: quays\.csv/ }).click();
  await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  await expect(page.getByText(/Running the load of quays\.csv .* again, with the same rows and mapping/)).toBeVisible();
  await takePicture(page, 'run-again');
  await rail(page, 'Plan').click();
  await expect(page.getByRole('heading', { name: /^Nothing would change/ })).toBeVisible();
  expect(await groupsOf(page, '.step')).toMatchObject({ unchanged: 2 });
  await app.close();
});

test('a load is run again although its org was signed out, or its session has ended: after signing in it goes on by itself', async ({
  browser,
}, info) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await loadBerths(app, info.outputPath('quays.csv'));
  // What was opened a moment ago is there, too.
  await expect(page.getByRole('region', { name: 'Recent files' })).toContainText('2 rows · 2 columns');
  const again = page.getByRole('button', { name: /^Run again: quays\.csv/ });
  const isPrepared = async () => {
    await expect(page.getByText(/Running the load of quays\.csv .* again, with the same rows/)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  };

  await page.getByRole('button', { name: 'Manage orgs' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await again.click();
  const notice = page.getByRole('alert');
  await expect(notice).toContainText(
    'You are not signed in to Practice org. Sign in to run the load of quays.csv again.',
  );
  await expectAccessible(page, 'run-again-signed-out');
  await notice.getByRole('button', { name: 'Sign in' }).click();
  await usePracticeOrg(app);
  await isPrepared();

  // The org ends the session while its page is open.
  await app.faults([{ path: '/services/', times: 1, action: { kind: 'revoke-everything' } }]);
  await page.getByRole('button', { name: 'About this org' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await again.click();
  await expect(dialog).toBeVisible();
  await takePicture(page, 'run-again-session-ended');
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  await allow(await app.signInPage());
  await isPrepared();
  await app.close();
});

test('desktop: a file that changed is told, one that is gone is asked for', async ({ browser }, info) => {
  test.setTimeout(150_000);
  const desktop = HOSTS.find(({ name }) => name.startsWith('desktop'));
  if (!desktop) throw new Error('no desktop host');
  const app = await desktop.start(browser);
  const { page } = app;
  const path = info.outputPath('quays.csv');
  await loadBerths(app, path);
  await writeFile(path, BERTHS.replace('South', 'West'));
  const again = page.getByRole('button', { name: /^Run again: quays\.csv/ });
  await again.click();
  await expect(page.getByText(/Its rows have changed since then/)).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  const moved = info.outputPath('moved.csv');
  await rename(path, moved);
  await again.click();
  await expect(page.getByRole('alert')).toContainText('quays.csv is no longer where it was');
  await app.choose([moved], () => page.getByRole('alert').getByRole('button', { name: 'Choose the file' }).click());
  await expect(page.getByText(/Running the load of quays\.csv .* again/)).toBeVisible();
  await toPlan(page);
  await expect(page.getByRole('button', { name: 'Load 1 change' })).toBeVisible();
  await app.close();
});

/**
 * Shipments of every kind: one in forty weighs less than nothing, which only the org refuses; of the last fifteen five have an account that
 * there is not, five a weight that is none, and five are the same row. Their notes make three jobs of a megabyte of them.
 */
function shipments(): { readonly text: string; readonly rows: number } {
  const notes = 'Handle with care. '.repeat(105);
  const good = Array.from({ length: 1300 }, (_, n) => `SHP-${n},ERP-100001,${n % 40 === 7 ? -1 : 12},${notes}`);
  const bad = Array.from({ length: 5 }, (_, n) => [
    `NO-${n},nowhere,12,x`,
    `HEAVY-${n},ERP-100001,heavy,x`,
    'SAME,ERP-100001,12,x',
  ]);
  const rows = [...good, ...bad.flat()];
  return {
    text: ['Tracking_Code__c,Account__r.ERP_Id__c,Weight__c,Notes__c', ...rows, ''].join('\n'),
    rows: rows.length,
  };
}

/** A file’s rows in the checks, and in a plan in which one of them is left out; each group has the same name and number in both. */
async function plannedAlike(page: Page, rows: number): Promise<{ planned: Record<string, number>; changes: number }> {
  await toPlan(page);
  // One row by a person's choice.
  await page.getByRole('gridcell', { name: 'Leave out' }).first().click();
  await expect(page.locator('.step [data-group="leftOut"]')).toBeVisible();
  const planned = await groupsOf(page, '.step');
  expect(sum(planned), 'every row of the file has its group').toBe(rows);
  const changes = (planned['create'] ?? 0) + (planned['update'] ?? 0);
  await expect(rail(page, 'Plan')).toContainText(`${changes.toLocaleString('en')} changes`);
  await rail(page, 'Checks').click();
  const checks = page.getByRole('list', { name: 'Rows by check' });
  await expect(checks).toBeVisible();
  const checked = await groupsOf(page, '.step > header');
  expect(sum(checked)).toBe(rows);
  expect(checked['ready']).toBe(changes + (planned['unchanged'] ?? 0));
  for (const group of ['notSent', 'repeated', 'leftOut']) expect(checked[group] ?? 0).toBe(planned[group] ?? 0);
  await expect(rail(page, 'Checks')).toContainText(`${(checked['notSent'] ?? 0).toLocaleString('en')} not sent`);
  await rail(page, 'Plan').click();
  return { planned, changes };
}

/** The same load in its report, in the rail and at home; its rows by outcome. */
async function loadedAlike(
  page: Page,
  fileName: string,
  rows: number,
  { planned, changes }: Awaited<ReturnType<typeof plannedAlike>>,
): Promise<Record<string, number>> {
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible({ timeout: 60_000 });
  const loaded = await groupsOf(page, '.ledger');
  expect(sum(loaded)).toBe(rows);
  for (const group of ['unchanged', 'notSent', 'repeated', 'leftOut'])
    expect(loaded[group] ?? 0).toBe(planned[group] ?? 0);
  const ofChanges = ['created', 'updated', 'failed', 'incomplete', 'unknown', 'unprocessed'];
  expect(ofChanges.reduce((all, group) => all + (loaded[group] ?? 0), 0)).toBe(changes);

  // What lies behind a load is done.
  for (const step of ['Mapping', 'Checks', 'Plan', 'Load'])
    await expect(rail(page, step).locator('.dot')).toHaveAttribute('data-state', 'done');
  const notSent = `${(loaded['notSent'] ?? 0).toLocaleString('en')} not sent`;
  await expect(rail(page, 'Checks')).toContainText(notSent);
  await page.getByRole('button', { name: 'Longshore home' }).click();
  const home = page.getByRole('region', { name: 'Recent loads' }).getByRole('row', { name: fileName });
  await expect(home).toBeVisible();
  await expect(rail(page, 'Checks')).toContainText(notSent);
  const words = {
    created: 'created',
    updated: 'updated',
    failed: 'failed',
    repeated: 'repeated',
    leftOut: 'left out',
    notSent: 'not sent',
  };
  for (const [group, word] of Object.entries(words))
    if (loaded[group]) await expect(home).toContainText(`${loaded[group].toLocaleString('en')} ${word}`);
  return loaded;
}

test('one load’s rows are counted alike in the rail, the checks, the plan, the report and at home', async ({
  browser,
}) => {
  test.setTimeout(200_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('accounts.csv')]);
  await expect(page.getByText('5,000 rows, 21 columns')).toBeVisible();
  const plan = await plannedAlike(page, 5000);
  await page.getByRole('button', { name: `Load ${plan.changes.toLocaleString('en')} changes` }).click();
  await loadedAlike(page, 'accounts.csv', 5000, plan);
  await page.setViewportSize({ width: 1024, height: 700 });
  await takePicture(page, 'home-after-load-1024');
  await page.setViewportSize({ width: 2560, height: 1300 });
  await takePicture(page, 'home-after-load-2560');
  await app.close();
});

test('rows that the org refuses are told by reason while others are on their way, and counted alike to the end', async ({
  browser,
}, info) => {
  test.setTimeout(200_000);
  const app = await startBrowserHost(browser, { rowsPerSecond: 80 });
  const { page } = app;
  await usePracticeOrg(app);
  await page.getByRole('button', { name: 'Settings' }).click();
  const size = page.getByRole('textbox', { name: 'Maximum size of a job (MB)' });
  await size.fill('1');
  await size.press('Enter');
  const { text, rows } = shipments();
  const path = info.outputPath('shipments.csv');
  await writeFile(path, text);
  await app.drop([path]);
  await expect(page.getByText('1,315 rows, 4 columns')).toBeVisible();
  const plan = await plannedAlike(page, rows);
  await page.getByRole('button', { name: `Load ${plan.changes.toLocaleString('en')} changes` }).click();

  const failures = page.getByRole('region', { name: 'Failed so far, by reason' });
  const reason = failures.getByRole('row', { name: /^FIELD_CUSTOM_VALIDATION_EXCEPTION \(Weight__c\)/ });
  await expect(reason).toContainText('Weight must not be negative.', { timeout: 60_000 });
  await expect(page.getByRole('heading', { name: /^Loading: / }), 'the load is still at work').toBeVisible();
  const numbers = await page.locator('.step').evaluate((step) => ({
    failed: [...step.querySelectorAll('dt')].find((term) => term.textContent === 'Failed so far')?.nextElementSibling
      ?.textContent,
    byReason: [...step.querySelectorAll('section[aria-labelledby="failures-title"] td:nth-child(2)')].map((cell) =>
      Number(cell.textContent),
    ),
  }));
  expect(numbers.byReason.reduce((all, one) => all + one, 0)).toBe(Number(numbers.failed));
  expect(Number(numbers.failed)).toBeGreaterThan(0);
  await expectAccessible(page, 'load-failures', ['light']);

  const loaded = await loadedAlike(page, 'shipments.csv', rows, plan);
  // The row that was left out is the first of all, which the org would have taken.
  expect(loaded).toMatchObject({ failed: 33, leftOut: 1, notSent: 10, repeated: 4 });
  await page
    .getByRole('region', { name: 'Recent loads' })
    .getByRole('button', { name: /^Report/ })
    .click();
  const inReport = page.getByRole('button', { name: 'FIELD_CUSTOM_VALIDATION_EXCEPTION (Weight__c)' });
  await expect(inReport.locator('xpath=ancestor::tr')).toContainText('33Weight must not be negative.');
  await app.close();
});

test('a paused load that takes more API calls than are left asks before it goes on', async ({ browser }) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('contacts.csv')]);
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await toPlan(page);
  const refusal = { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' };
  await app.faults([{ method: 'POST', path: '/jobs\\/ingest$/', every: 1, action: { kind: 'status', ...refusal } }]);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('alert')).toContainText('The org has no API calls left for today.');
  // What is paused is told at home, in one place.
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await expect(page.getByText(/contacts\.csv/).and(page.locator('strong'))).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'Recent loads' })).toHaveCount(0);
  await takePicture(page, 'home-paused');
  await page.getByRole('button', { name: 'See and resume' }).click();
  await app.faults([]);
  await app.limitApi(1);
  await page.getByRole('button', { name: /^Resume/ }).click();
  const asked = page.getByRole('alert').filter({ hasText: 'more API calls' });
  await expect(asked).toContainText('Nothing more was sent.');
  await expect(page.getByRole('heading', { name: /^Paused: / })).toBeVisible();
  await expectAccessible(page, 'load-budget');
  await app.limitApi(1_000_000);
  await asked.getByRole('button', { name: 'Load anyway' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('1,200');
  await app.close();
});
