import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

const ROWS = [
  'Bergmann Schifffahrt GmbH,+49 40 5550101,Kai 1,Hamburg,',
  'Bergmann Schifffahrt,+49 40 5550101,Kai 1,Hamburg,https://bergmann.example',
  'Bergmann Schiffahrt,+49 40 5550101,Kai 1,Hamburg,https://bergmann.example',
  'Ostwind Reederei AG,+49 40 5550202,Elbe 2,Hamburg,',
  'Ostwind Reederei,+49 40 5550202,Elbe 2,Hamburg,https://ostwind.example',
];

test('duplicates in the org are found, reviewed, merged, and taken back', async ({ browser }, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('accounts.csv');
  await writeFile(file, `Account Name,Phone,Billing Street,Billing City,Website\n${ROWS.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: /^Map \d columns/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await page.getByRole('button', { name: 'Load 5 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();

  await page.getByRole('button', { name: 'Longshore home' }).click();
  await page.getByRole('button', { name: 'Merge duplicates in the org' }).click();
  await expect(page.getByRole('heading', { name: 'Merge duplicates in the org' })).toBeVisible();
  await expect(page.getByLabel('Object', { exact: true })).toHaveValue('Account');
  await takePicture(page, 'merge-start');
  await page.getByRole('button', { name: 'Find groups' }).click();
  // Every account is compared with every one that resembles it: on a busy machine that takes its time, and says how far it is.
  await expect(page.getByRole('heading', { name: /groups? of duplicates/ })).toBeVisible({ timeout: 90_000 });
  const groups = page.getByRole('region', { name: 'Groups' });
  const group = groups.getByRole('region', { name: /^Group \d+: Ostwind Reederei AG$/ });
  for (let pages = 0; pages < 100; pages++) {
    await expect(groups).toHaveAttribute('aria-busy', 'false');
    if (await group.isVisible()) break;
    await page.getByRole('button', { name: 'Next groups' }).click();
  }
  await expect(group.getByRole('radio', { name: /^Website: https:\/\/ostwind.example/ })).toBeChecked();
  await takePicture(page, 'merge-plan');

  // One field goes by a rule of its own, and like the others again.
  const rules = page.getByRole('region', { name: 'Rules' });
  await rules.getByLabel('A rule for one field').selectOption('Website');
  await rules.getByLabel('Website', { exact: true }).selectOption('master');
  await expect(group.getByText('The master keeps all its values.')).toBeVisible();
  await rules.getByRole('button', { name: 'Like the other fields' }).click();
  await expect(group.getByRole('radio', { name: /^Website: https:\/\/ostwind.example/ })).toBeChecked();

  // By hand: the other one stays, under the longer name.
  await group.getByRole('radio', { name: /^Keep Ostwind Reederei, / }).click();
  const changed = groups.getByRole('region', { name: /^Group \d+: Ostwind Reederei$/ });
  await changed.getByRole('button', { name: /^Show all/ }).click();
  const longer = changed.getByRole('radio', { name: /^Account Name: Ostwind Reederei AG/ });
  await longer.click();
  await expect(longer).toBeChecked();

  await page.getByRole('checkbox', { name: /^Yes, delete/ }).check();
  await page.getByRole('button', { name: /^Merge \d+ groups?$/ }).click();
  await expect(page.getByRole('button', { name: 'See what can be taken back' })).toBeVisible();
  await expect(page.getByRole('heading', { name: /^[1-9]\d* of \d+ groups? merged$/ })).toBeVisible();
  await takePicture(page, 'merge-report');

  const groupsFile = await app.saveFile(() => page.getByRole('button', { name: 'Save all groups (.csv)' }).click());
  expect(groupsFile).toMatch(/,Ostwind Reederei,Master,Merged,/);

  await page.getByRole('button', { name: 'See what can be taken back' }).click();
  await expect(page.getByText(/records? to bring back/)).toBeVisible();
  await takePicture(page, 'merge-undo');
  await page.getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByText(/^Taken back · Accounts in/)).toBeVisible();
  await expect(changed.getByText(/· Taken back$/)).toBeVisible();
  await takePicture(page, 'merge-undone');
  await app.close();
});
