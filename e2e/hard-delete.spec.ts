import { writeFile } from 'node:fs/promises';
import { test, expect } from '@playwright/test';
import { openFileSummary, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('a hard delete says that nothing brings the records back, wants its own words, and the permission for it', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('go.csv');
  // Two of the practice org's accounts.
  await writeFile(file, 'Id\n001PR0000000003YAA\n001PR0000000005YAA\n');
  await app.drop([file]);
  await openFileSummary(page);
  await page.getByLabel('Operation').selectOption('hardDelete');
  await page.getByRole('button', { name: /^Map \d column/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await expect(page.getByText('Every row can be deleted for good')).toBeVisible();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByText('no undelete brings them back')).toBeVisible();
  const [typed, start] = [
    page.getByLabel(/^Type “hard delete 2”/),
    page.getByRole('button', { name: 'Hard delete 2 records' }),
  ];
  await typed.fill('2');
  await expect(start).toBeDisabled();
  await typed.fill('hard delete 2');
  await takePicture(page, 'plan-hard-delete');
  await start.click();
  // The administrator of the practice org has not got it, as in Salesforce.
  await expect(page.getByText('You can’t hard delete records in Practice org.')).toBeVisible();
  await app.close();
});
