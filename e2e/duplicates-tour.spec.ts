import { expect } from '@playwright/test';
import { openFileSummary, openMappingOptions, usePracticeOrg } from './support/actions.ts';
import { heading, region, toPlan, walk } from './support/walk.ts';

const COMPANIES = [
  'Bergmann Schifffahrt GmbH,+49 40 5550101,Kai 1,Hamburg,',
  'Bergmann Schifffahrt,+49 40 5550101,Kai 1,Hamburg,https://bergmann.example',
  'Bergmann Schiffahrt,+49 40 5550101,Kai 1,Hamburg,https://bergmann.example',
  'Ostwind Reederei AG,+49 40 5550202,Elbe 2,Hamburg,',
  'Ostwind Reederei,+49 40 5550202,Elbe 2,Hamburg,https://ostwind.example',
];
const COMPANY_HEADER = 'Account Name,Phone,Billing Street,Billing City,Website';

walk('tour: rows and records that are the same', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await usePracticeOrg(app);
  await drop('companies.csv', `${COMPANY_HEADER}\n${COMPANIES.join('\n')}\n`);
  await click(/^Map 5 columns/);
  await openMappingOptions(page);
  for (const name of ['Account Name', 'Phone']) {
    await page.getByLabel('Find similar new rows by').first().click();
    await page.getByRole('option', { name, exact: true }).click();
  }
  await page.keyboard.press('Escape');
  await see('mapping-similar');
  await click(/See the checks/);
  await click(/^Compare/);
  const similar = region(page, 'Similar rows');
  await similar.getByRole('button', { name: /Open$/ }).click();
  await expect(similar.getByRole('table').first()).toBeVisible();
  await see('plan-similar');
  await click('Load 5 changes');
  await heading(page, 'Every row, once');

  const [first = '', , , fourth = ''] = COMPANIES;
  await drop('again.csv', `${COMPANY_HEADER}\n${first.replace('GmbH', 'Gmbh & Co')}\n${fourth}\nNobody Ever Ltd,,,,\n`);
  await openFileSummary(page);
  await page.getByLabel('Operation').selectOption('insert');
  await toPlan(going);
  const resembling = region(page, 'Rows that resemble records');
  await see('plan-resembling-closed');
  await resembling.getByRole('button', { name: /Open$/ }).click();
  await click('Look for records that resemble these rows');
  await expect(resembling.getByRole('article').first()).toBeVisible();
  await see('plan-resembling', { at: resembling.getByRole('article').first() });

  await click('Longshore home');
  await click('Merge duplicates in the org');
  await heading(page, 'Merge duplicates in the org');
  await see('merge-start');
  await click('Find groups');
  await heading(page, /groups? of duplicates/);
  await expect(region(page, 'Groups')).toHaveAttribute('aria-busy', 'false');
  await see('merge-plan');
  await page.getByRole('checkbox', { name: /^Yes, delete/ }).check();
  await click(/^Merge \d+ groups?$/);
  await heading(page, /^[1-9]\d* of \d+ groups? merged$/);
  await expect(page.getByRole('button', { name: 'See what can be taken back' })).toBeVisible();
  await see('merge-report');
  await click('See what can be taken back');
  await expect(page.getByText(/records? to bring back/)).toBeVisible();
  await see('merge-undo', { at: page.getByRole('heading', { name: 'Take it back' }) });
  await click('Take it back');
  await expect(page.getByText(/^Taken back · Accounts in/)).toBeVisible();
  await see('merge-undone');
});
