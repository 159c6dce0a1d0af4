import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('a load is found in the history, looked into, saved as a ZIP, used for another file, and removed', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  const file = async (name: string, rows: string) => {
    const path = info.outputPath(name);
    await writeFile(path, `ERP Id,Account Name,Remark\n${rows}`);
    return path;
  };
  const rail = page.getByRole('navigation', { name: 'Steps of this load' });
  const load = async (path: string, changes: number) => {
    await app.drop([path]);
    await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
    const records = changes === 1 ? '1 record' : `${changes} records`;
    await page.getByRole('button', { name: changes === 1 ? 'Load 1 change' : `Load ${changes} changes` }).click();
    await expect(page.getByRole('heading', { name: `Loaded: ${records} changed` })).toBeVisible();
  };
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.getByText('You haven’t loaded anything yet')).toBeVisible();
  await expectAccessible(page, 'history-empty');
  await page.getByRole('button', { name: 'Back' }).click();
  await usePracticeOrg(app);
  await load(await file('spring.csv', 'H-1,One,x\nH-2,Two,y\n'), 2);
  await load(await file('summer.csv', 'H-3,Three,x\n'), 1);

  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.getByRole('heading', { name: 'History', level: 1 })).toBeVisible();
  await expect(page.getByText(/^2 loads, .* on disk$/)).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search' }).fill('spring');
  await expect(page.getByText(/^1 of 2 loads/)).toBeVisible();
  await page.getByLabel('State').selectOption('With failures');
  await expect(page.getByText('No load is like that.')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('spring');
  await page.getByRole('button', { name: /^Details: spring\.csv/ }).click();
  await expect(page.getByText('ERP Id → ERP_Id__c, Account Name → Name')).toBeVisible();
  await expectAccessible(page, 'history');

  await page.getByRole('button', { name: 'Save as ZIP' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Without rows: numbers, mapping, and journal' }).click();
  const zip = await download;
  expect(zip.suggestedFilename()).toBe('spring-load.zip');
  const bytes = await readFile(await zip.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('load.txt')).toBe(true);
  expect(bytes.includes('success.csv')).toBe(false);

  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('it can’t be undone after that')).toBeVisible();
  await expectAccessible(page, 'history-remove');
  await takePicture(page, 'history-remove');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Use for another file' }).click();
  await expect(page.getByText('to load it as spring.csv was loaded')).toBeVisible();
  await takePicture(page, 'history-other-file');
  await app.drop([await file('autumn.csv', 'H-2,Two of autumn,z\n')]);
  await expect(page.getByRole('heading', { name: /^Upsert 1 row into Account/ })).toBeVisible();
  await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
  await expect(page.getByRole('button', { name: 'Load 1 change' })).toBeVisible();

  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('button', { name: /^Details: spring\.csv/ }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove the load' }).click();
  await expect(page.getByText(/^1 load, /)).toBeVisible();
  await expect(page.getByRole('cell', { name: /^spring\.csv/ })).toHaveCount(0);
  await app.close();
});
