import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { allow, openFileSummary, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost, type BrowserApp } from './support/browser-host.ts';
import { Tour, type Looking } from './support/tour.ts';

/**
 * Pictures of every screen and state, to be looked at by a person: light and dark, three sizes, a zoom of 200 %, forced colours,
 * and with motion. It compares nothing and is no part of the checks:
 *
 *     npm run build && LONGSHORE_TOUR=all npx playwright test tour.spec.ts
 *
 * Pictures are in `test-results/tour`, side by side in its `sheets`; what a machine sees of what is wrong is in its `notes.txt`.
 * `-g` takes one of the tours alone, `LONGSHORE_TOUR=1024-light,1440-dark` some of the views.
 */
test.skip(!process.env['LONGSHORE_TOUR'], 'pictures to be looked at');
test.setTimeout(300_000);

const example = (name: string): string => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const WORKBOOK = fileURLToPath(
  new URL('../electron/backend/source/fixtures/workbooks/accounts-openpyxl.xlsx', import.meta.url),
);

interface Walk {
  readonly app: BrowserApp;
  readonly page: Page;
  /** A picture of the screen in every view. */
  readonly see: (screen: string, options?: Looking) => Promise<void>;
  readonly click: (name: string | RegExp) => Promise<void>;
  readonly drop: (name: string, content: string) => Promise<void>;
}

function walk(name: string, rowsPerSecond: number, go: (walk: Walk) => Promise<void>): void {
  test(name, async ({ browser }, info) => {
    const tour = await Tour.open(browser);
    const app = await startBrowserHost(browser, { rowsPerSecond });
    const { page } = app;
    page.setDefaultTimeout(20_000);
    await go({
      app,
      page,
      see: (screen, options) => tour.see(page, screen, options),
      click: (button) => page.getByRole('button', { name: button }).first().click(),
      drop: async (file, content) => {
        await writeFile(info.outputPath(file), content);
        await app.drop([info.outputPath(file)]);
      },
    });
    await app.close();
    await tour.close();
  });
}

const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { name })).toBeVisible();
const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name });

async function toChecks({ page, click }: Walk, operation?: string): Promise<void> {
  if (operation) {
    await openFileSummary(page);
    await page.getByLabel('Operation').selectOption(operation);
  }
  await click(/^Map \d+ column/);
  await click(/See the checks/);
  await heading(page, /rows? of|Every row/);
}

async function toPlan(going: Walk, operation?: string): Promise<void> {
  await toChecks(going, operation);
  await going.click(/^Compare/);
  await expect(going.page.getByRole('button', { name: /^Load [\d,]+ change|^Delete [\d,]+ / }).last()).toBeVisible();
}

/** The org's front page is on its admin port. */
async function adminOf(org: string): Promise<string> {
  return (await fetch(org, { redirect: 'manual' })).headers.get('location') ?? '';
}

/** Changes a record as another client of the org would. */
async function renameInOrg(org: string, key: string, Name: string): Promise<void> {
  const given = await fetch(new URL('/access-token', await adminOf(org)), { method: 'POST', body: '{}' });
  const { accessToken } = (await given.json()) as { accessToken: string };
  const changed = await fetch(`${org}/services/data/v66.0/sobjects/Account/ERP_Id__c/${key}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Name }),
  });
  if (!changed.ok) throw new Error(await changed.text());
}

walk('tour: home, orgs, settings and sources', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await expect(page.getByText('Drop a CSV anywhere')).toBeVisible();
  await see('home-empty');
  await page.keyboard.press('?');
  await see('help');
  await page.keyboard.press('Escape');
  await click('Connect an org');
  await see('connect');
  await usePracticeOrg(app);
  await see('org-menu', { open: () => click(/^Practice: Practice org/) });
  await click('About this org');
  await expect(page.getByText('System Administrator')).toBeVisible();
  await see('org');
  await click('Settings');
  await see('settings');

  const rows = Array.from({ length: 400_000 }, (_, n) => `L-${n},Person ${n},person${n}@example.com,Hot`);
  await drop('many.csv', `Key,Last Name,Email,Rating\n${rows.join('\n')}\n`);
  await expect(
    page
      .getByRole('progressbar')
      .or(page.getByText(/[\d,]+ rows so far/))
      .first(),
  ).toBeVisible();
  await see('source-loading', { passing: true });
  await app.drop([WORKBOOK]);
  await expect(page.getByText('4 rows, 11 columns')).toBeVisible();
  await see('source-workbook');
  await drop('logo.csv', '\u0089PNG\r\n\u001a\n\0\0\0\rIHDR');
  await expect(page.getByRole('alert')).toBeVisible();
  await see('home-refused');
  await app.drop([example('accounts.csv')]);
  await expect(page.getByRole('button', { name: /20 of 21 columns/ })).toBeVisible();
  await see('source');
  await openFileSummary(page);
  await see('source-summary');
  await region(page, 'About this file')
    .getByRole('button', { name: /Close$/ })
    .click();
  await click('Profile of Rating');
  await expect(page.getByText('Blank', { exact: true })).toBeVisible();
  await see('source-profile');
  await click(/^Clean/);
  await expect(region(page, 'Cleaning').getByText(/^Changes|would change|No cell/)).toBeVisible();
  await see('source-cleaning');
  await region(page, 'Cleaning').getByRole('combobox', { name: 'Step' }).selectOption('Split a column');
  await see('source-cleaning-split');
  await page.context().setOffline(true);
  await page.getByLabel('Search in all columns').fill('Blue');
  await expect(page.locator('.reach')).toContainText('not responding');
  await see('offline');
  await page.context().setOffline(false);
});

walk('tour: accounts from the mapping to the report', 300, async (going) => {
  const { app, page, see, click, drop } = going;
  await usePracticeOrg(app);
  await app.drop([example('accounts.csv')]);
  await expect(page.getByRole('button', { name: /20 of 21 columns/ })).toBeVisible();
  await click('Map 21 columns');
  await see('mapping');
  await see('mapping-picker', { open: () => page.getByRole('combobox', { name: 'Field for ERP Id' }).click() });
  await see('mapping-menu', { open: () => click('More for Account Name') });
  await see('mapping-save', { open: () => click('Save the mapping') });
  await region(page, 'How rows are loaded').getByRole('button').click();
  await see('mapping-options');
  await click('Add a constant');
  await see('mapping-constant');
  await page.reload();
  await app.drop([example('accounts.csv')]);
  await toChecks(going);
  await see('checks');
  await click(/^Compare/);
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes/ })).toBeVisible();
  await expect(page.getByRole('gridcell', { name: 'ERP-100001' })).toBeVisible();
  await see('plan');
  await click(/^Update/);
  await expect(page.locator('.was').first()).toBeVisible();
  await click(/^Forecast/);
  await see('plan-update-forecast');
  await region(page, 'Changed fields').getByRole('button').nth(2).click();
  await page.getByRole('gridcell', { name: 'Leave out' }).first().click();
  await expect(page.getByText('You left 1 row out.')).toBeVisible();
  await see('plan-field-left-out');
  await see('plan-save', { open: () => click('Save the plan') });
  await click(/^Load [\d,]+ changes/);
  await expect(page.getByRole('row', { name: /InProgress/ })).toBeVisible();
  await see('load');
  await click('Longshore home');
  await expect(region(page, 'Recent loads')).toBeVisible();
  await see('home-running');
  await click(/^Open: accounts/);
  await heading(page, 'Every row, once');
  await see('report');
  await page.locator('.as-link').first().click();
  await see('report-reason');
  await drop('quays.csv', 'Berth Name,Berth Code\nNorth quay,RUN-1\nSouth quay,RUN-2\n');
  await toPlan(going);
  await click('Load 2 changes');
  await heading(page, 'Every row, once');
  await see('report-small');
  await app.drop([example('contacts.csv')]);
  await toPlan(going);
  await click(/^Load [\d,]+ changes/);
  await expect(page.getByRole('row', { name: /InProgress/ })).toBeVisible();
  await click('Cancel the load');
  await heading(page, /^Canceled/);
  await see('report-canceled');
  await app.drop([example('contacts.csv')]);
  await toPlan(going);
  const refusal = { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' };
  await app.faults([{ method: 'POST', path: '/jobs\\/ingest$/', every: 1, action: { kind: 'status', ...refusal } }]);
  await click(/^Load [\d,]+ changes/);
  await expect(page.getByRole('alert')).toContainText('no API calls left');
  await see('load-paused');
  await click('Longshore home');
  await see('home-all');
  await click(/^Run again: quays/);
  await heading(page, 'Every row can be loaded');
  await see('run-again');
  await app.faults([{ path: '/query', times: 1, action: { kind: 'revoke-everything' } }]);
  await click(/^Compare/);
  await expect(page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
  await see('session-ended');
  await click('Not now');
  await see('session-ended-later');
  await app.kill();
  await expect(page.locator('.reach')).toContainText('not responding');
  await see('host-ended');
});

walk('tour: what the checks ask and answer', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await usePracticeOrg(app);
  const fixes = ['Roadd,1,12.3456', 'Ral,2,5', 'Seaa,-3,5', 'Tram,4,5', 'Air,heavy,5', 'Road,6,7'];
  const shipments = fixes.map((row, n) => `F-${n},ERP-100001,${row}`).join('\n');
  await drop('fixes.csv', `Tracking Code,Account.ERP_Id__c,Carrier,Weight,Declared Value\n${shipments}\n`);
  await toChecks(going);
  await see('checks-problems');
  await page.getByText('More decimals than the field shows').click();
  await click('Accept all 3 suggestions');
  await heading(page, '2 rows of 6 need a fix');
  await see('checks-fixed');
  await page.getByText(/^Only problem rows/).click();
  await expect(region(page, 'Rows with problems').getByText('“heavy” is not a number.')).toBeVisible();
  await see('checks-rows');
  await page.getByText('Problems', { exact: true }).click();
  await click('Try a sample');
  await expect(page.getByText('the org would accept')).toBeVisible();
  await see('checks-rehearsal', { at: region(page, /^Try rows/) });

  const line = 'S-1,ERP-100001,"1,250",03/04/2026\nS-2,ERP-100002,"3,125",05/04/2026\n';
  await drop('values.csv', `Tracking Code,Account.ERP_Id__c,Declared Value,Arrives On\n${line}`);
  await toChecks(going);
  await see('checks-format');

  const accounts = 'A,erp-100001,\nB,TAKEN-1,\nC,taken-1,\nGranite Furniture Partner,TAKEN-2,31401\n';
  await drop('accounts.csv', `Account Name,ERP_Id__c,BillingPostalCode\n${accounts}`);
  await toChecks(going, 'insert');
  await see('checks-unasked');
  await click('Look for used values');
  await expect(page.getByText(/with a value that is taken/)).toBeVisible();
  await click('Ask the duplicate rules');
  await expect(page.getByText(/with a record like it/)).toBeVisible();
  await see('checks-taken-and-rules', { at: region(page, 'Values that must be unique') });

  const people = ['One,Nowhere Ltd,', 'Two,Nowhere Ltd,', 'Three,Nobody Inc,', 'Four,,003000000000999AAA', 'Five,,'];
  await drop('people.csv', `Last Name,Account Name,Reports To ID\n${people.join('\n')}\n`);
  await click('Map 3 columns');
  await see('mapping-offers');
  await click('Fill Account ID: find Account by Name');
  await expect(page.getByText(/^0 of 2 values find/)).toBeVisible();
  await see('mapping-lookup');
  await click(/See the checks/);
  await click('Look them up');
  await heading(page, '4 rows of 5 need a fix');
  await see('checks-look-ups');

  const cases = ['T-1,Crane,Complaint', 'T-2,Gate,Question', 'T-3,Gate,Nonsense'];
  await drop('cases.csv', `Ticket Key,Subject,Type\n${cases.join('\n')}\n`);
  await toChecks(going);
  await see('checks-picklists');
});

walk('tour: plans and loads that are not as usual', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await click('Use the practice org');
  const signIn = await app.signInPage();
  const org = new URL(signIn.url()).origin;
  await allow(signIn);
  await app.limitApi(60);
  await app.drop([example('contacts.csv')]);
  await toPlan(going);
  await click(/^Forecast/);
  await see('plan-over-budget');
  await app.limitApi(100_000);

  await drop('renamed.csv', 'ERP Id,Account Name,Phone\nERP-100001,Renamed One,#N/A\nERP-100002,Renamed Two,+1\n');
  await toPlan(going);
  await see('plan-cleared');
  for (const key of ['ERP-100001', 'ERP-100002']) await renameInOrg(org, key, 'Renamed meanwhile');
  await click('Load 2 changes');
  await expect(region(page, 'What changed in the org')).toBeVisible();
  await see('plan-moved-rows');

  const circle = 'Berth Name,Berth Code,Neighbour__r.Berth_Code__c\nOne,CIR-1,CIR-2\nTwo,CIR-2,CIR-1\nThree,CIR-3,\n';
  await drop('circle.csv', circle);
  await toPlan(going);
  await see('plan-second-step');
  await app.faults([
    { method: 'PATCH', path: '/jobs/ingest', nth: 3, action: { kind: 'fail-job', message: 'Stopped' } },
  ]);
  await click('Load 3 changes');
  await heading(page, 'Every row, once');
  await see('report-incomplete');
  await see('report-retry', { at: region(page, 'Lookups to set') });
  await click('Longshore home');
  await see('home-incomplete');
  const failing = Array.from({ length: 30 }, (_, n) => `W-${n},ERP-100001,${n % 3 === 0 ? -1 : 5}`);
  await drop('weights.csv', `Tracking Code,Account.ERP_Id__c,Weight\n${failing.join('\n')}\n`);
  await toPlan(going);
  await click('Load 30 changes');
  await heading(page, 'Every row, once');
  await see('report-failures');

  const success = await app.saveFile(() => page.getByRole('button', { name: /^Success/ }).click());
  const id = /\n"?(a0\w{16})/.exec(success)?.[1] ?? '';
  await drop('to-delete.csv', `Id\n${id}\n`);
  await toChecks(going, 'delete');
  await see('checks-delete');
  await click('Try a sample');
  await expect(region(page, /^Try rows/).getByText(/that you tried/)).toBeVisible();
  await see('checks-delete-rehearsal', { at: region(page, /^Try rows/) });
  await click(/^Compare/);
  await click('Count related records');
  await expect(page.getByText(/would be deleted too|No related records/)).toBeVisible();
  await see('plan-delete');
  // Its own page, which `docs/practice-org.md` shows.
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.goto(await adminOf(org));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await page.screenshot({ path: 'test-results/tour/practice-org.png' });
});
