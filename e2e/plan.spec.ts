import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { test, expect } from '@playwright/test';
import {
  expectAccessible,
  openFileSummary,
  openMappingOptions,
  takePicture,
  usePracticeOrg,
} from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('a plan is read field by field, trimmed, approved by a colleague from its page, and loaded', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('accounts.csv');
  const rows = [
    'ERP-100001,Renamed One,+49 30 100001,',
    'ERP-100002,Renamed Two,#N/A,https://two.example',
    'ERP-100003,Renamed Three,+49 30 100003,',
    'ERP-new,Made New,+49 30 4,',
    ',Without a key,,',
  ];
  await writeFile(file, `ERP Id,Account Name,Phone,Website\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: /^Map \d columns/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByRole('heading', { name: '4 changes to Accounts' })).toBeVisible();
  await expect(page.getByText(/^Fetched 3 records by lists of keys, 1 API call, at /)).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.getByRole('button', { name: 'Fetch again' }).click();
  await expect(page.getByRole('heading', { name: '4 changes to Accounts' })).toBeVisible();
  await expect(page.getByText(/^Fetched 3 records/)).not.toContainText('Reused');
  const grid = page.getByRole('region', { name: 'What would change, row by row' });

  // By field and by how it changes.
  const fields = page.getByRole('region', { name: 'Changed fields' });
  await fields.getByRole('button', { name: /^Account Name 3/ }).click();
  await expect(grid.getByText('Renamed Three')).toBeVisible();
  await page.getByRole('button', { name: /^Forecast · API calls: 11 or more/ }).click();
  const uses = page.getByRole('table', { name: 'What this load would use' });
  await expect(uses.getByRole('row', { name: /^Bulk API batches 1 15,000$/ })).toBeVisible();
  await fields.getByRole('button', { name: /^Account Phone/ }).click();
  await fields.getByRole('button', { name: /^Cleared 1/ }).click();
  await expect(fields.getByRole('list', { name: 'Examples of how Phone changes' })).toContainText('ERP-100002: ');
  await expect(grid.getByText('ERP-100002')).toBeVisible();
  await expect(grid.getByText('ERP-100001')).toHaveCount(0);
  await takePicture(page, 'plan-field');

  // What is not wanted is left out, and taken back.
  await fields.getByRole('button', { name: 'Leave these changes out' }).click();
  await expect(page.getByText('You left Phone out of 1 row.')).toBeVisible();
  await page.getByRole('button', { name: /^Create 1/ }).click();
  await grid.getByRole('gridcell', { name: 'Leave out' }).first().click();
  await expect(page.getByText('You left 1 row out.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '3 changes to Accounts' })).toBeVisible();
  await page.getByText('You left 1 row out.').locator('..').getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByRole('heading', { name: '4 changes to Accounts' })).toBeVisible();

  // Fetched again, it is still left out.
  await page.getByRole('button', { name: 'Fetch again' }).click();
  await expect(page.getByText('Your choices in this plan are kept.')).toBeVisible();
  await expect(page.getByText('You left Phone out of 1 row.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '4 changes to Accounts' })).toBeVisible();

  // A colleague reads the page, without this program, and sends back a yes.
  await page.getByRole('button', { name: 'Save the plan' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /read and approve/ }).click();
  const html = info.outputPath('plan.html');
  await (await saved).saveAs(html);
  const elsewhere = await browser.newContext();
  const colleague = await elsewhere.newPage();
  await colleague.goto(pathToFileURL(html).href);
  await expect(colleague.getByText('Renamed One').first()).toBeVisible();
  await expectAccessible(colleague, 'plan-page', ['light']);
  await colleague.getByLabel('Your name').fill('Ann Approver');
  const given = colleague.waitForEvent('download');
  await colleague.getByRole('button', { name: 'Approve' }).click();
  const approval = info.outputPath('approval.json');
  await (await given).saveAs(approval);
  await elsewhere.close();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open an approval' }).click();
  await (await chooser).setFiles(approval);
  await expect(page.getByText(/Approved by Ann Approver/)).toBeVisible();
  await expectAccessible(page, 'plan-approved');

  await page.getByRole('button', { name: 'Load 4 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.getByText(/^Approved by Ann Approver, .+, as plan [0-9a-f]{8}\./)).toBeVisible();

  // What was loaded can be deleted: by name, and with what hangs from it.
  const success = await app.saveFile(() => page.getByRole('button', { name: /Success/ }).click());
  const id = /001[A-Za-z0-9]{15}/.exec(success)?.[0] ?? '';
  const doomed = info.outputPath('to-delete.csv');
  await writeFile(doomed, `Id\n${id}\n`);
  await app.drop([doomed]);
  await openFileSummary(page);
  await page.getByLabel('Operation').selectOption('delete');
  await page.getByRole('button', { name: /^Map \d column/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  const rehearsal = page.getByRole('region', { name: /^Try rows/ });
  await rehearsal.getByRole('button', { name: 'Try a sample' }).click();
  await expect(rehearsal.getByRole('status').last()).toContainText('the row that you tried');
  await takePicture(page, 'checks-delete-rehearsal');
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.getByRole('button', { name: /^Delete 1$/ }).click();
  await expect(page.getByRole('gridcell', { name: /^Renamed/ })).toBeVisible();
  await page.getByRole('button', { name: 'Count related records' }).click();
  await expect(page.getByText(/would be deleted too|No related records/)).toBeVisible();
  await takePicture(page, 'plan-delete');
  await app.close();
});

test('rows that resemble one another are shown side by side, and one of each group is loaded', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('accounts.csv');
  const rows = [
    'Kronberg Maschinenbau GmbH,+49 30 1234501,https://kronberg-mb.example',
    'Osterfeld Optik AG,+49 40 1234502,https://osterfeld.example',
    'Kronberg Machinenbau,030 1234501,www.kronberg-mb.example',
    'Lindqvist Timber AB,+46 8 1234503,',
    'Osterfeld Optik,,osterfeld.example',
  ];
  await writeFile(file, `Account Name,Phone,Website\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: /^Map \d columns/ }).click();
  await openMappingOptions(page);
  for (const name of ['Account Name', 'Phone', 'Website']) {
    await page.getByLabel('Find similar new rows by').first().click();
    await page.getByRole('option', { name, exact: true }).click();
  }
  await page.keyboard.press('Escape');
  await takePicture(page, 'mapping-similar');
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByRole('heading', { name: '5 changes to Accounts' })).toBeVisible();
  const similar = page.getByRole('region', { name: 'Similar rows' });
  await expect(similar.getByText('4 rows resemble one another, in 2 groups. All of them are sent.')).toBeVisible();
  await similar.getByRole('button', { name: /Open$/ }).click();
  await expect(similar.getByText(/^Like row 1, score [\d.]+: .*same Website/)).toBeVisible();

  // A rule for all groups, and a decision of one.
  await similar.getByLabel('Of similar rows').selectOption('merge');
  await expect(page.getByRole('heading', { name: '3 changes to Accounts' })).toBeVisible();
  await expect(similar.getByText('Other rows stand for 2 of them.')).toBeVisible();
  await similar.getByLabel('Rows 1, 3: what is sent').selectOption('send only row 3');
  await expect(similar.getByRole('row', { name: /^1 Kronberg/ })).toContainText('Another row is used instead');
  await expect(similar.getByRole('row', { name: /^3 Kronberg/ })).toContainText('Sent');
  await takePicture(page, 'plan-similar');
  await expect(page.getByRole('list', { name: 'Rows by what would happen to them' })).toContainText('= 5 rows');

  // From another score on fewer rows are similar: that is told before it holds.
  const slider = similar.getByRole('slider', { name: 'Similar from this score on' });
  await slider.press('End');
  await expect(similar.getByText(/From a score of [\d.]+, no rows are similar/)).toBeVisible();
  await similar.getByRole('button', { name: 'Use this score' }).click();
  await expect(page.getByRole('heading', { name: '5 changes to Accounts' })).toBeVisible();
  await slider.press('Home');
  await similar.getByRole('button', { name: 'Use this score' }).click();
  await expect(page.getByRole('heading', { name: '3 changes to Accounts' })).toBeVisible();
  await expect(similar.getByRole('row', { name: /^3 Kronberg/ }), 'the decision holds again').toContainText('Sent');

  await page.getByRole('button', { name: 'Load 3 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  const success = await app.saveFile(() => page.getByRole('button', { name: /Success/ }).click());
  expect(success).toContain('Kronberg Machinenbau');
  expect(success).not.toContain('Kronberg Maschinenbau');
  await app.close();
});

test('a plan waits for its load, and is opened again from home', async ({ browser }, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('waiting.csv');
  await writeFile(file, 'ERP Id,Phone\nERP-100021,+49 30 21\nERP-100022,+49 30 22\nERP-100023,+49 30 23\n');
  await app.drop([file]);
  await page.getByRole('button', { name: /^Map \d columns/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByRole('heading', { name: '3 changes to Accounts' })).toBeVisible();
  const grid = page.getByRole('region', { name: 'What would change, row by row' });
  await grid.getByRole('gridcell', { name: 'Leave out' }).first().click();
  await expect(page.getByRole('heading', { name: '2 changes to Accounts' })).toBeVisible();

  // The window forgets what it was at; the plan does not.
  await page.reload();
  const plans = page.getByRole('region', { name: 'Plans not loaded yet' });
  await expect(plans.getByText(/^Upsert 3 rows into Account in /)).toBeVisible();
  await expectAccessible(page, 'home-plans');
  await plans.getByRole('button', { name: 'Open the plan of waiting.csv' }).click();
  await expect(page.getByRole('heading', { name: '2 changes to Accounts' })).toBeVisible();
  await expect(page.getByText('You left 1 row out.')).toBeVisible();
  await expect(page.getByText('Nothing has changed since this plan was made.')).toBeVisible();
  await page.getByRole('button', { name: 'Load 2 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await expect(page.getByRole('region', { name: 'Recent loads' })).toBeVisible();
  await expect(plans).toHaveCount(0);
  await app.close();
});
