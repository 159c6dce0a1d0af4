import { writeFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { ANY_HOST } from './support/hosts.ts';
import { groupsOf, rail, toPlan } from './support/row-groups.ts';
import { example } from './support/walk.ts';

const sum = (groups: Record<string, number>): number => Object.values(groups).reduce((all, one) => all + one, 0);

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
  // One after another, so that what the first refuses is told while others are on their way.
  const atOnce = page.getByRole('textbox', { name: 'Jobs of a load at the same time' });
  await expect(atOnce).toHaveValue('3');
  await atOnce.fill('1');
  await atOnce.press('Enter');
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
