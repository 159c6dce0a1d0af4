import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { ANY_HOST } from './support/hosts.ts';

test('a load is taken back in two steps, each planned first; the report of each leads to the load', async ({
  browser,
}, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('accounts.csv');
  await writeFile(
    path,
    'ERP Id,Account Name,Account Phone\nERP-100001,,+1\nERP-100002,Other,+2\nUNDO-1,New one,\nUNDO-2,New two,\n',
  );
  await usePracticeOrg(app);
  await app.drop([path]);
  await expect(page.getByText('4 rows, 3 columns')).toBeVisible();
  const rail = page.getByRole('navigation', { name: 'Steps of this load' });
  await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
  await page.getByRole('button', { name: 'Load 4 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 4 records changed' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo this load' }).click();
  await expect(page.getByText('It takes two loads: come back to this report')).toBeVisible();
  await takePicture(page, 'report-undo');
  await takePicture(page, 'report-undo');
  await page.getByRole('button', { name: 'Plan: Set 2 records back to the old values' }).click();
  await expect(page.getByRole('button', { name: 'Load 2 changes' })).toBeVisible();
  await takePicture(page, 'plan-undo');
  await page.getByRole('button', { name: 'Load 2 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 2 records changed' })).toBeVisible();
  await expectAccessible(page, 'report-of-undo');
  await takePicture(page, 'report-of-undo');
  await page.getByRole('button', { name: 'See the load that it undoes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 4 records changed' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo this load' }).click();
  await page.getByRole('button', { name: 'Plan: Delete 2 records that the load created' }).click();
  await page.getByLabel('Yes, delete 2 records from').check();
  await page.getByRole('button', { name: 'Delete 2 records' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 2 records changed' })).toBeVisible();
  await app.close();
});
