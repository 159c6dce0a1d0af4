import { writeFile } from 'node:fs/promises';
import { test, expect } from '@playwright/test';
import type { LongshoreApp } from './support/window.ts';
import { overlapsOf } from './support/capture-look.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { expectAccessible, openFileSummary, takePicture, usePracticeOrg } from './support/actions.ts';

test('choices made in the checks: which of repeated rows, and the zone of times without one', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const p = info.outputPath('shipments.csv');
  await writeFile(
    p,
    'Tracking Code,Account.ERP_Id__c,Departs\nS-1,ERP-100001,2026-03-04 10:00\nS-2,ERP-100002,2026-03-04 11:00\nS-2,ERP-100003,2026-03-04 12:00\n',
  );
  await app.drop([p]);
  await page.getByRole('button', { name: 'Map 3 columns' }).click();
  await mapToMoreFields(app, info.outputPath('shipments.sdl'));
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: 'use the last' }).click();
  await expect(page.getByText('Every row can be loaded')).toBeVisible();
  const repeated = page.locator('details', { hasText: 'Same match value: another row was chosen' });
  await repeated.locator('summary').click();
  await expect(repeated).toContainText('1 row · not sent, another row stands for each');
  await expect(repeated).toContainText('Row 3 with the same match value was chosen, so this one is not sent.');
  // Of one group it can be decided otherwise, and that can be taken back.
  const groups = page.getByRole('region', { name: 'Duplicates with different data' });
  await groups.getByRole('button', { name: /1 group/ }).click();
  const choice = groups.getByRole('combobox', { name: 'Rows 2, 3: what is sent' });
  await choice.selectOption('send only row 2');
  await expect(groups).toContainText('1 group, 1 decided one by one');
  await expect(groups.getByRole('row', { name: /^3 / })).toContainText('Another row is used instead');
  await expect(groups.getByRole('row', { name: /^2 / })).toContainText('Sent');
  await expectAccessible(page, 'checks-repeated-groups');
  await choice.selectOption('as for all groups');
  await expect(groups.getByRole('row', { name: /^2 / })).toContainText('Another row is used instead');
  await page.getByText('Time without a time zone').click();
  await page.getByRole('combobox', { name: /Times in Departs/ }).selectOption('Asia/Tokyo');
  await expect(page.getByText('read in Asia/Tokyo')).toBeVisible();
  await expectAccessible(page, 'checks-choices');
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.getByRole('button', { name: /^Create/ }).click();
  // 01:00 in UTC, as this browser's person reads it.
  const written = await page.evaluate(() => new Date('2026-03-04T01:00:00Z').toLocaleString());
  await expect(page.getByText(written)).toBeVisible();
  await app.close();
});

test('a column that does not say how it is written is asked about once, and answered by a button', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const path = info.outputPath('values.csv');
  await writeFile(
    path,
    'Shipments of March\n\nTracking Code,Account.ERP_Id__c,Declared Value,Arrives On\nS-1,ERP-100001,"1,250",03/04/2026\nS-2,ERP-100002,"3,125",05/04/2026\n',
  );
  await app.drop([path]);
  // A title stands above the header, which is found, and can be said to be elsewhere.
  await page.getByRole('button', { name: /header in line 3/ }).click();
  await expect(page.getByRole('textbox', { name: 'Header row' })).toHaveValue('3');
  await page.getByRole('textbox', { name: 'Header row' }).scrollIntoViewIfNeeded();
  await expectAccessible(page, 'source-header-row');
  await page.getByRole('button', { name: 'Map 4 columns' }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  const question = page.getByRole('region', { name: 'How Declared Value is written' });
  await expect(question).toContainText('no other value shows which is right');
  await takePicture(page, 'checks-format-question');
  await question.getByRole('button', { name: '1,250 is 1250 (a decimal point)' }).click();
  await page
    .getByRole('region', { name: 'How Arrives On is written' })
    .getByRole('button', { name: '03/04/2026 is 2026-04-03 (day/month/year)' })
    .click();
  await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  await app.close();
});

test('problems are mended in the checks: suggestions taken, numbers rounded, rows left out, a cell typed over, each undone', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const path = info.outputPath('fixes.csv');
  const rows = ['Roadd,1,12.3456', 'Ral,2,5', 'Seaa,-3,5', 'Tram,4,5', 'Air,heavy,5', 'Road,6,7'];
  const lines = rows.map((row, n) => `F-${n},ERP-100001,${row}`);
  await writeFile(path, `Tracking Code,Account.ERP_Id__c,Carrier,Weight,Declared Value\n${lines.join('\n')}\n`);
  await app.drop([path]);
  await page.getByRole('button', { name: 'Map 5 columns' }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await expect(page.getByRole('heading', { name: '5 rows of 6 need a fix' })).toBeVisible();
  await takePicture(page, 'checks-problems');

  await page.getByRole('button', { name: 'Accept all 3 suggestions' }).click();
  await expect(page.getByRole('heading', { name: '2 rows of 6 need a fix' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo the last fix' }).click();
  await expect(page.getByRole('heading', { name: '5 rows of 6 need a fix' })).toBeVisible();
  await page.getByRole('button', { name: 'Accept all 3 suggestions' }).click();
  await page.getByRole('button', { name: 'Leave out 1 row with Tram' }).click();
  await expect(page.getByRole('heading', { name: '1 row of 6 needs a fix' })).toBeVisible();
  await page.getByText('More decimals than the field shows').click();
  await page.getByRole('button', { name: 'Round to 2 decimals: 1 value in 1 row change' }).click();
  const done = page.getByRole('region', { name: 'Your fixes' });
  await expect(done).toContainText('numbers rounded to the field’s decimals, halves up (1 row)');
  await expect(done).toContainText('rows with “Tram” left out (1 row)');
  await takePicture(page, 'checks-fixes');
  await done.getByRole('button', { name: 'Take back: Carrier, rows with “Tram” left out' }).click();
  await expect(page.getByRole('heading', { name: '2 rows of 6 need a fix' })).toBeVisible();

  await page.getByText('Only problem rows (2)').click();
  const grid = page.getByRole('region', { name: 'Rows with problems' });
  await expect(grid.getByText('“heavy” is not a number.')).toBeVisible();
  await takePicture(page, 'checks-problem-rows');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save 2 problem rows' }).click();
  expect((await saving).suggestedFilename()).toBe('fixes-problems.csv');
  await grid.getByRole('gridcell', { name: 'heavy', exact: true }).dblclick();
  await expect(grid.locator('.ag-cell-inline-editing input')).toBeFocused();
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '1 row of 6 needs a fix' })).toBeVisible();

  await page.getByText('Problems', { exact: true }).click();
  await page.getByRole('button', { name: 'Try a sample' }).click();
  await expect(page.getByText('the org would accept 4 and reject 1')).toBeVisible();
  await expect(page.getByText('Weight must not be negative.')).toBeVisible();
  await takePicture(page, 'checks-rehearsal');
  await app.close();
});

test('values of unique fields, and records that the org’s duplicate rules find, are looked for on request', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const path = info.outputPath('accounts.csv');
  await writeFile(
    path,
    'Account Name,ERP_Id__c,BillingPostalCode\nA,erp-100001,\nB,TAKEN-1,\nC,taken-1,\nGranite Furniture Partner,TAKEN-2,31401\n',
  );
  await app.drop([path]);
  await openFileSummary(page);
  await expect(page.getByRole('heading', { name: /^Upsert 4 rows into Account/ })).toBeVisible();
  await page.getByLabel('Operation').selectOption('insert');
  await expect(page.getByRole('heading', { name: 'Insert 4 rows into Account' })).toBeVisible();
  await page.getByRole('button', { name: 'Map 3 columns' }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  const panel = page.getByRole('region', { name: 'Values that must be unique' });
  await panel.getByRole('button', { name: 'Look for used values' }).click();
  await expect(panel).toContainText('1 row with a value that is taken; Salesforce would refuse it.');
  await expect(
    page.getByRole('heading', { name: /need.? a fix; Salesforce would refuse 1 row of the others$/ }),
  ).toBeVisible();
  await expect(panel.getByText(/^Row 1: “erp-100001” is in record 001/)).toBeVisible();
  // What another row of the file has is told without asking the org.
  const repeated = page.locator('details', { hasText: 'Unique value repeated in another row' });
  await repeated.locator('summary').click();
  await expect(repeated).toContainText('Row 2 has “taken-1” as well');
  await panel.scrollIntoViewIfNeeded();
  await takePicture(page, 'checks-taken');

  const rules = page.getByRole('region', { name: 'The org’s duplicate rules' });
  await rules.getByRole('button', { name: 'Ask the duplicate rules' }).click();
  await expect(rules).toContainText(
    '1 row with a record like it. Salesforce would block it: a Bulk API load can’t confirm the alert.',
  );
  await expect(rules.getByText(/^Row 4: Granite Furniture Partners \(001PR/)).toBeVisible();
  await rules.scrollIntoViewIfNeeded();
  await takePicture(page, 'checks-duplicate-rules');
  expect(await overlapsOf(page), 'words over words').toEqual([]);
  await app.close();
});

/** One column for two fields and a constant, saved for Data Loader, taken back, opened again and taken back again. */
async function mapToMoreFields(app: LongshoreApp, path: string): Promise<void> {
  const { page } = app;
  const mapped = (count: string) => expect(page.getByText(`${count} columns mapped to Shipment`)).toBeVisible();
  await page.getByRole('button', { name: 'More for Departs' }).click();
  await page.getByRole('menuitem', { name: 'Also fill another field' }).click();
  await expect(page.getByRole('row', { name: /Departs again/ })).toContainText('copy of Departs');
  const again = page.getByRole('combobox', { name: 'Field for Departs again' });
  // A typing slip finds its field, and one that can't be filled says why.
  await again.fill('created');
  await expect(page.getByRole('option', { name: /CreatedDate.* read-only/ })).toHaveAttribute('data-combobox-disabled');
  await again.fill('arives');
  await page.getByRole('option', { name: 'Arrives On (Arrives_On__c)' }).click();
  await page.getByRole('button', { name: 'Add a constant' }).click();
  await page.getByLabel('Value in every row').fill('Sea');
  await page.getByRole('combobox', { name: 'Field it fills' }).fill('Carrier');
  await page.getByRole('option', { name: 'Carrier (Carrier__c)' }).click();
  await page.getByRole('button', { name: 'Add the constant' }).click();
  await mapped('5 of 5');
  await expect(page.getByText('“Sea” in every row')).toBeVisible();
  await expectAccessible(page, 'mapping-made');
  await page.setViewportSize({ width: 1024, height: 720 });
  const beyond = await page.locator('.panel:has(> table)').evaluate((panel) => panel.scrollWidth - panel.clientWidth);
  expect(beyond, 'a row is whole in a small window').toBeLessThanOrEqual(0);
  await takePicture(page, 'mapping-1024');
  await page.setViewportSize({ width: 1360, height: 860 });
  // Columns joined into one, and taken out again.
  await page.getByRole('button', { name: 'More for Tracking Code' }).click();
  await page.getByRole('menuitem', { name: 'Join with another column' }).click();
  await page.getByRole('combobox', { name: 'Columns, in their order' }).fill('Departs');
  await page.getByRole('option', { name: 'Departs', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Join them' }).click();
  await expect(page.getByRole('row', { name: /Tracking Code and Departs, joined/ })).toBeVisible();
  await mapped('5 of 6');
  await page.getByRole('button', { name: 'More for Tracking Code + Departs' }).click();
  await page.getByRole('menuitem', { name: 'Remove this column' }).click();
  await mapped('5 of 5');
  await page.getByRole('button', { name: 'Save the mapping' }).click();
  const saved = await app.saveFile(() => page.getByRole('menuitem', { name: /For Data Loader/ }).click());
  expect(saved).toBe(
    [
      '#Mapping values',
      'Tracking\\ Code=Tracking_Code__c',
      'Account.ERP_Id__c=Account__r\\:Account-ERP_Id__c',
      'Departs=Departs__c, Arrives_On__c',
      '"Sea"=Carrier__c',
      '',
    ].join('\n'),
  );
  for (const left of ['5 of 6', '5 of 5', '4 of 4', '3 of 4', '3 of 3']) {
    await page.keyboard.press('Control+z');
    await mapped(left);
  }
  // Keys that come quicker than their work wait for one another.
  for (const key of ['Control+Shift+z', 'Control+z', 'Control+Shift+z']) {
    for (let times = 0; times < 5; times++) await page.keyboard.press(key);
    await mapped(key === 'Control+z' ? '3 of 3' : '5 of 5');
  }
  for (let times = 0; times < 5; times++) await page.keyboard.press('Control+z');
  await mapped('3 of 3');
  await writeFile(path, `${saved}Gone=Nothing__c\n`);
  await page.locator('#main input[type=file]').setInputFiles(path);
  await mapped('5 of 5');
  await expect(page.getByRole('region', { name: 'What no longer fits' })).toContainText(
    'There is no column “Gone” now',
  );
  await expect(page.getByRole('row', { name: /Tracking Code/ })).toContainText('from the mapping file');
  await page.getByRole('button', { name: 'Undo' }).click();
  await mapped('3 of 3');
}
