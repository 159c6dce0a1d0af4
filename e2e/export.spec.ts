import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('records are exported: built, written as text, counted, and saved', async ({ browser }) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await page.getByRole('button', { name: 'Export records' }).click();
  await expect(page.getByRole('heading', { name: 'Export records', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Export records', level: 2 })).toBeFocused();
  await expect(page).toHaveTitle(/^Export records · /);
  await expect(page.getByText('to see how many records it finds')).toBeVisible();
  await expectAccessible(page, 'export-empty');
  await takePicture(page, 'export-empty');

  // By the keyboard alone, to the first file.
  const soql = page.getByRole('textbox', { name: 'SOQL' });
  await page
    .getByRole('textbox', { name: 'Object' })
    .or(page.getByRole('combobox', { name: 'Object' }))
    .first()
    .focus();
  await page.keyboard.type('Account');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(soql).toHaveValue(/^SELECT Id\nFROM Account$/);
  await page
    .getByLabel(/^Fields \(1\)/)
    .first()
    .focus();
  await page.keyboard.type('Account Name');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(soql).toHaveValue('SELECT Id, Name\nFROM Account');
  await expect(page.getByText(/^[\d,]+ records, about 2 API calls by REST API\.$/)).toBeVisible();

  // The builder follows the text.
  await soql.fill(
    "select Id, Name, Owner.Name from Account where Name like 'A%' and AnnualRevenue > 1000 order by Name desc limit 5",
  );
  await expect(page.getByText('5 records, about 1 API call by REST API.')).toBeVisible();
  const second = page.getByRole('group', { name: 'Condition 2' });
  await expect(second.getByLabel('Value')).toHaveValue('1000');
  await expectAccessible(page, 'export');
  await takePicture(page, 'export');

  // And the text the builder: what is no number stays where it was typed, and says so.
  await second.getByLabel('Value').fill('12x');
  await expect(second.getByText('Enter a number.')).toBeVisible();
  await expect(soql).toHaveValue(/AnnualRevenue > 1000/);
  await second.getByLabel('Value').fill('2000');
  await expect(soql).toHaveValue(/\n {2}AND AnnualRevenue > 2000\n/);
  await page.getByRole('button', { name: 'Remove condition 1' }).click();
  await expect(soql).toHaveValue(/\nWHERE AnnualRevenue > 2000\nORDER BY Name DESC\nLIMIT 5$/);

  await page.getByLabel('Format').selectOption('JSON Lines');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('Account.jsonl');
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['Id', 'Name', 'Owner.Name']);
  await expect(page.getByText('Exported 5 records by REST API.')).toBeVisible();

  await soql.fill('SELECT Id\nFROM Account WERE Name = 1');
  await expect(page.getByText('Line 2, character 14: expected WHERE, found WERE.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeDisabled();
  await soql.fill('SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry');
  await expect(
    page.getByText('A query with a function can only be edited as text, so the builder is off.'),
  ).toBeVisible();
  await expectAccessible(page, 'export-text');
  await takePicture(page, 'export-text');
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByRole('button', { name: 'Export records' })).toBeVisible();
  await app.close();
});

test('fields are put beside the keys of a file, in its order', async ({ browser }, info) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('customers.csv');
  await writeFile(file, 'Note,ERP Id\nfirst,ERP-100002\nnone,ERP-0\nblank,\nlast,ERP-100001\n');
  await app.drop([file]);
  await expect(page.getByText('4 rows, 2 columns')).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await page.getByRole('button', { name: 'Export records' }).click();
  await page.getByText('By keys in a file').click();
  await expect(page.getByText('Choose an object and the fields you want.')).toBeVisible();
  const soql = page.getByRole('textbox', { name: 'SOQL' });
  await soql.fill('SELECT Name, Owner.Name FROM Account LIMIT 5');
  await expect(page.getByText(/^The keys say which records: remove/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeDisabled();
  await soql.fill('SELECT Name, Owner.Name FROM Account');
  await page.getByLabel('The keys are').selectOption('ERP Id (ERP_Id__c)');
  await expect(page.getByLabel('Key column').locator('option:checked')).toHaveText('ERP Id');
  await expect(page.getByText('4 rows, each with the chosen fields in front, in the order of the file.')).toBeVisible();
  await expectAccessible(page, 'export-keys');
  await takePicture(page, 'export-keys');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const written = await saved;
  expect(written.suggestedFilename()).toBe('customers-with-fields.csv');
  const lines = (await readFile(await written.path(), 'utf8')).trimEnd().split('\n');
  expect(lines[0]).toBe('sf__Found,Name,Owner.Name,Note,ERP Id');
  expect(lines.slice(1).map((line) => line.replace(/^(\d?),.*,(\w+),/, '$1 $2 '))).toEqual([
    '1 first ERP-100002',
    '0 none ERP-0',
    ' blank ',
    '1 last ERP-100001',
  ]);
  await expect(
    page.getByText('4 rows: 2 found, 1 not found, 0 with several records, 1 without a key.', { exact: false }),
  ).toBeVisible();
  await app.close();
});
