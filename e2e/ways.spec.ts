import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, openMappingOptions, takePicture, usePracticeOrg } from './support/actions.ts';
import { ANY_HOST } from './support/hosts.ts';

test('rows are sent 200 at a time where that is chosen, and the plan says so', async ({ browser }, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('berths.csv');
  const rows = Array.from({ length: 230 }, (_, n) => `Quay ${n},WAY-${n}`);
  await writeFile(path, `Berth Name,Berth Code\n${rows.join('\n')}\n`);
  await usePracticeOrg(app);
  await app.drop([path]);
  await expect(page.getByText('230 rows, 2 columns')).toBeVisible();
  const rail = page.getByRole('navigation', { name: 'Steps of this load' });
  await rail.getByRole('button').filter({ hasText: 'Mapping' }).click();
  await openMappingOptions(page);
  await page.getByLabel('Save rows that a duplicate rule only warns about').check();
  await expect(page.getByLabel('Send rows')).toBeDisabled();
  await expect(page.getByLabel('Send rows')).toHaveValue('collections');
  await expectAccessible(page, 'mapping-ways', ['light']);
  await page.getByLabel('Save rows that a duplicate rule only warns about').uncheck();
  await page.getByLabel('Send rows').selectOption('200 at a time, answered at once');
  await page.getByLabel('Stop the load').selectOption('when 100 rows have failed');
  await page.getByLabel('Save all rows of a request or none').check();
  await takePicture(page, 'mapping-ways');
  await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
  await expect(page.getByText('Rows are sent 200 at a time')).toBeVisible();
  await expect(page.getByText('The load stops when 100 rows have failed.')).toBeVisible();
  await expect(page.getByText('Each request of 200 rows is saved as a whole or not at all')).toBeVisible();
  await page.getByRole('button', { name: 'Load 230 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 230 records changed' })).toBeVisible();
  await takePicture(page, 'report-collections');
  await app.close();
});

test('as shipped the way fits the load: the mapping, the plan and the load say so, and it can be chosen otherwise', async ({
  browser,
}, info) => {
  const app = await ANY_HOST.start(browser, { asShipped: true, rowsPerSecond: 30 });
  const { page } = app;
  await page.setViewportSize({ width: 1024, height: 700 });
  const see = async (screen: string) => {
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await takePicture(page, `way-${screen}-${scheme}`);
    }
  };
  await usePracticeOrg(app);
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByLabel('New mappings send rows')).toHaveValue('automatic');
  await page.getByLabel('New mappings send rows').scrollIntoViewIfNeeded();
  await see('settings');
  await page.getByRole('button', { name: 'Back' }).click();

  const rail = page.getByRole('navigation', { name: 'Steps of this load' });
  const goTo = (step: string) => rail.getByRole('button').filter({ hasText: step }).click();
  const keyed = info.outputPath('keyed.csv');
  await writeFile(keyed, 'ERP Id,Account Name\nWAY-1,One\nWAY-2,Two\n');
  await app.drop([keyed]);
  await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
  await goTo('Mapping');
  await expect(page.getByText('Sent as fits the load')).toBeVisible();
  await goTo('Plan');
  await expect(page.getByText('Sent in one request, because it is only 2 rows')).toBeVisible();
  await see('plan');
  await goTo('Mapping');
  await openMappingOptions(page);
  await page.getByLabel('Send rows').selectOption('by Bulk API jobs');
  await expect(page.getByText('Sent by Bulk API jobs')).toBeVisible();
  await see('mapping');
  await goTo('Plan');
  await expect(page.getByRole('button', { name: 'Load 2 changes' })).toBeVisible();
  await expect(page.getByText('Sent in one request')).toBeHidden();

  const berths = info.outputPath('berths.csv');
  const rows = Array.from({ length: 60 }, (_, n) => `Quay ${n},${n % 9}`);
  await writeFile(berths, `Berth Name,Depth (m)\n${rows.join('\n')}\n`);
  await app.drop([berths]);
  await expect(page.getByText('60 rows, 2 columns')).toBeVisible();
  await goTo('Plan');
  const because = page.getByText('Sent by Bulk API jobs, because new records have no key yet');
  await expect(because).toBeVisible();
  await page.getByRole('button', { name: 'Load 60 changes' }).click();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeVisible();
  await expect(because).toBeVisible();
  await see('load');
  await expect(page.getByRole('heading', { name: 'Loaded: 60 records changed' })).toBeVisible();
  await app.close();
});
