import { writeFile } from 'node:fs/promises';
import { test, expect } from '@playwright/test';
import { startBrowserHost } from './support/browser-host.ts';
import { expectAccessible, usePracticeOrg } from './support/actions.ts';
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
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: 'use the last' }).click();
  await expect(page.getByText('Every row can be loaded')).toBeVisible();
  await page.getByText('Time without a zone').click();
  await page.getByRole('combobox', { name: /Times in Departs/ }).selectOption('Asia/Tokyo');
  await expect(page.getByText('read in Asia/Tokyo')).toBeVisible();
  await expectAccessible(page, 'checks-choices');
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.getByRole('button', { name: /^Create/ }).click();
  await expect(page.getByText('2026-03-04T01:00:00.000Z')).toBeVisible();
  await app.close();
});
