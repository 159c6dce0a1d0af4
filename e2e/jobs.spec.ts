import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startDesktopHarness } from './support/desktop-harness.ts';

const HEADER = 'ERP Id,Account Name,Phone';

test('a load is saved as a job, run again, held, approved, given a schedule, paused, and saved as YAML', async ({
  browser,
}, info) => {
  const app = await startDesktopHarness(browser);
  const { page } = app;
  const path = info.outputPath('accounts.csv');
  const write = (...rows: string[]) => writeFile(path, `${[HEADER, ...rows].join('\n')}\n`);
  await write('J-1,One,+49 1', 'J-2,Two,+49 2');
  await page.getByRole('button', { name: 'Jobs', exact: true }).click();
  await expect(page.getByText('A job is a load that you run again and again')).toBeVisible();
  await expectAccessible(page, 'jobs-empty');
  await page.getByRole('button', { name: 'Back' }).click();
  await usePracticeOrg(app);
  await app.drop([path]);
  const rail = page.getByRole('navigation', { name: 'Steps of this load' });
  await rail.getByRole('button').filter({ hasText: 'Plan' }).click();
  await page.getByRole('button', { name: 'Load 2 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 2 records changed' })).toBeVisible();

  await page.getByRole('button', { name: 'Save as a job' }).click();
  await page.getByLabel('Name of the job').fill('Nightly accounts');
  await expectAccessible(page, 'job-saved-as');
  await page.getByRole('button', { name: 'Save the job' }).click();
  await expect(page.getByText('Saved the job “Nightly accounts”.')).toBeVisible();
  await page.getByRole('button', { name: 'Open jobs' }).click();
  await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Details: Nightly accounts' }).click();
  await expect(page.getByText('3 columns loaded, matched by ERP_Id__c')).toBeVisible();

  // The same rows change nothing.
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('Nothing to load: 2 unchanged = 2 rows')).toBeVisible();
  await write('J-1,One,+49 11', 'J-2,Two,+49 2', 'J-3,Three,+49 3');
  await page.getByRole('button', { name: 'Show what it would do' }).click();
  await expect(page.getByText('Only planned: 1 create + 1 update + 1 unchanged = 3 rows')).toBeVisible();
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 2 records changed' })).toBeVisible();

  // A file that has lost most of its rows holds the run.
  await write('J-1,One,+49 1');
  await page.getByRole('button', { name: 'Jobs', exact: true }).click();
  await page.getByRole('button', { name: 'Details: Nightly accounts' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  const held = page.getByRole('region', { name: /^Held run of/ });
  await expect(held).toContainText('The file has 1 row, and the last run’s file had 3. It may be incomplete.');
  await expectAccessible(page, 'job-held');
  await takePicture(page, 'job-held');
  await held.getByRole('button', { name: 'Approve and load' }).click();
  await expect(page.getByRole('heading', { name: 'Loaded: 1 record changed' })).toBeVisible();

  await page.getByRole('button', { name: 'Jobs', exact: true }).click();
  await page.getByRole('button', { name: 'Details: Nightly accounts' }).click();
  await page.getByRole('button', { name: 'Run by itself' }).click();
  await page.getByLabel('Runs', { exact: true }).selectOption('On days of the week');
  await page.getByLabel('At', { exact: true }).fill('03:30');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByText('Fri', { exact: true }).click();
  await expectAccessible(page, 'job-schedule');
  await takePicture(page, 'job-schedule');
  await page.getByRole('button', { name: 'Save the schedule' }).click();
  await expect(page.getByText('Each Monday, Friday at 03:30 (Europe/Berlin)')).toBeVisible();
  await expect(page.getByText(/^Next: /)).toBeVisible();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();
  await takePicture(page, 'jobs');

  const yaml = await app.saveFile(() => page.getByRole('button', { name: 'Save as YAML' }).click());
  expect(yaml).toContain('name: Nightly accounts');
  expect(yaml).toContain('kind: weekly');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove the job' }).click();
  await expect(page.getByText('A job is a load that you run again and again')).toBeVisible();
  expect(await readFile(path, 'utf8')).toContain('J-1');
  await app.close();
});
