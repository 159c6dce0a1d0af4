import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
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
  await page.getByLabel('Save rows that a duplicate rule only warns about').check();
  await expect(page.getByLabel('Send rows')).toBeDisabled();
  await expect(page.getByLabel('Send rows')).toHaveValue('collections');
  await expectAccessible(page, 'mapping-ways');
  await page.getByLabel('Save rows that a duplicate rule only warns about').uncheck();
  await page.getByLabel('Send rows').selectOption('200 at a time, answered at once');
  await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
  await expect(page.getByText('Rows are sent 200 at a time')).toBeVisible();
  await page.getByRole('button', { name: 'Load 230 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 230 records changed' })).toBeVisible();
  await takePicture(page, 'report-collections');
  await app.close();
});
