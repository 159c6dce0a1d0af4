import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { openFileSummary, usePracticeOrg } from './support/actions.ts';
import { example, region, walk } from './support/walk.ts';

const WORKBOOK = fileURLToPath(
  new URL('../electron/backend/source/fixtures/workbooks/accounts-openpyxl.xlsx', import.meta.url),
);

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
  await click('Longshore home');
  await click('Export records');
  await see('export-empty');
  const soql = page.getByRole('textbox', { name: 'SOQL' });
  await soql.fill(
    "SELECT Id, Name, Owner.Name FROM Account WHERE Name LIKE 'A%' AND AnnualRevenue > 1000 ORDER BY Name",
  );
  await expect(page.getByText(/records, about \d+ API calls? by REST API\.$/)).toBeVisible();
  await see('export');
  await soql.fill('SELECT Id FROM Account WERE Name = 1');
  await expect(page.getByText(/expected WHERE, found WERE/)).toBeVisible();
  await see('export-refused');
  await soql.fill('SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry');
  await expect(page.getByText(/so the builder is off/)).toBeVisible();
  await see('export-text');

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
