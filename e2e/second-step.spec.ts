import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('rows whose lookups failed in the second step are incomplete everywhere, and are completed from the report', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  await usePracticeOrg(app);
  const path = info.outputPath('circle.csv');
  await writeFile(
    path,
    'Berth Name,Berth Code,Neighbour__r.Berth_Code__c\nOne,CIR-1,CIR-2\nTwo,CIR-2,CIR-1\nThree,CIR-3,\n',
  );
  await app.drop([path]);
  await expect(page.getByText('3 rows, 3 columns')).toBeVisible();
  await page.getByRole('button', { name: 'Plan' }).click();
  const load = page.getByRole('button', { name: 'Load 3 changes' });
  await expect(load).toBeVisible();
  await takePicture(page, 'second-step-plan');
  // Two jobs create the berths, parents first; the third one sets what waited for them.
  const fail = { kind: 'fail-job', message: 'InvalidBatch : stopped by an administrator' };
  await app.faults([{ method: 'PATCH', path: '/jobs/ingest', nth: 3, action: fail }]);
  await load.click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger')).toContainText('Incomplete');
  const again = page.getByRole('region', { name: 'Lookups to set' });
  await takePicture(page, 'second-step-report');
  await page.getByRole('button', { name: 'Longshore home' }).click();
  const row = page.getByRole('region', { name: 'Recent loads' }).getByRole('row', { name: /circle\.csv/ });
  await expect(row).toContainText('1 incomplete');
  await takePicture(page, 'second-step-home');
  await row.getByRole('button', { name: /^Report/ }).click();

  // What it would use up of the org's calls is asked about first.
  await app.limitApi(1);
  await again.getByRole('button', { name: 'Retry the second step for 1 row' }).click();
  await expect(again.getByRole('alert')).toContainText('API calls');
  await app.limitApi(100_000);
  await again.getByRole('button', { name: 'Load anyway' }).click();
  await expect(page.locator('.ledger [data-group="created"]')).toContainText('3');
  await expect(again).toBeHidden();
  await expect(page.locator('.ledger .total')).toContainText('3');
  await app.close();
});
