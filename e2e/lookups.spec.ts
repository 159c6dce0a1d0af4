import { writeFile } from 'node:fs/promises';
import { test, expect } from '@playwright/test';
import { expectAccessible, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('lookups by anything: offered by the header, chosen by keyboard, counted in the org, loaded', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('cases.csv');
  const rows = [
    'T-1,Harbour crane,Support Tier 1,Complaint',
    'T-2,Harbour crane,support tier 1,Question',
    'T-3,Nowhere to be found,Support Tier 1,Question',
  ];
  await writeFile(file, `Ticket Key,Subject,Owner,Record Type\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: 'Map 4 columns' }).click();
  await page.getByRole('button', { name: 'Fill Record Type ID: find RecordType by Name' }).click();
  await expect(page.getByText(/^2 of 2 values find their active Case record type by Name/)).toBeVisible();
  await page.getByRole('button', { name: 'Fill Owner ID: find User by Name' }).click();
  await expect(page.getByText(/^0 of 1 values find their User by Full Name; 1 finds none/)).toBeVisible();
  // Who owns these is a queue: the object, then its field, without a mouse.
  const owner = page.getByRole('group', { name: 'How Owner finds its record' });
  await owner.getByRole('combobox', { name: 'Find', exact: true }).selectOption('Group');
  const by = owner.getByRole('combobox', { name: 'by', exact: true });
  await by.focus();
  await page.keyboard.type('Name');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The only value finds its queue of Cases by Name (1 API call).')).toBeVisible();
  await expectAccessible(page, 'lookups');
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByText(/RecordTypeId: 3 rows found their active Case record type by Name/)).toBeVisible();
  await page.getByRole('button', { name: 'Load 3 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('3');
  await app.close();
});
