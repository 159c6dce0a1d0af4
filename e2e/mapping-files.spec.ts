import { writeFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { usePracticeOrg } from './support/actions.ts';
import { startDesktopHarness } from './support/desktop-harness.ts';
import { expectAccessibleOnce, HOSTS } from './support/hosts.ts';

/** One column for two fields, and a constant: both make columns. */
const SDL = 'ERP\\ Id=ERP_Id__c\nAccount\\ Name=Name,Site\nOrt=BillingCity\n"Import"=AccountNumber\n';
const CSV = 'ERP Id,Account Name,Ort\nM-1,One,Ulm\nM-2,Two,Bonn\n';

async function written(folder: (name: string) => string): Promise<{ sdl: string; csv: string }> {
  const files = { sdl: folder('partner.sdl'), csv: folder('accounts.csv') };
  await writeFile(files.sdl, SDL);
  await writeFile(files.csv, CSV);
  return files;
}

const mapped = (page: Page, count: string) =>
  expect(page.getByRole('heading', { name: `${count} columns mapped to Account` })).toBeVisible();

for (const host of HOSTS) {
  test(`${host.name}: a mapping that is dropped waits for its file, is used for the open one, and is opened and saved by buttons`, async ({
    browser,
  }, info) => {
    const app = await host.start(browser);
    const { page } = app;
    const { sdl, csv } = await written((name) => info.outputPath(name));
    await usePracticeOrg(app);
    await app.drop([sdl]);
    await expect(page.getByText('“partner.sdl” is a mapping. Open the file with the data')).toBeVisible();
    await expectAccessibleOnce(host, page, 'mapping-given');
    await app.drop([csv]);
    await mapped(page, '5 of 5');
    await expect(page.getByText('partner.sdl')).toBeHidden();
    await expect(page.getByRole('row', { name: /^Ort/ })).toContainText('from the mapping file');

    await page.getByRole('button', { name: 'Save the mapping' }).click();
    const saved = await app.saveFile(() => page.getByRole('menuitem', { name: /For Data Loader/ }).click());
    expect(saved).toContain('Account\\ Name=Name, Site');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('heading', { name: /of 3 columns mapped/ })).toBeVisible();
    await page.locator('#main input[type=file]').setInputFiles(sdl);
    await mapped(page, '5 of 5');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('heading', { name: /of 3 columns mapped/ })).toBeVisible();
    await app.drop([sdl]);
    await mapped(page, '5 of 5');
    // Our own form: saved, taken back, dropped. By how it begins it is no file of rows.
    await page.getByRole('button', { name: 'Save the mapping' }).click();
    const ours = info.outputPath('partner.json');
    await writeFile(ours, await app.saveFile(() => page.getByRole('menuitem', { name: /\.json/ }).click()));
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('heading', { name: /of 3 columns mapped/ })).toBeVisible();
    await app.drop([ours]);
    await mapped(page, '5 of 5');

    const broken = info.outputPath('page.sdl');
    await writeFile(broken, '<html>');
    await app.drop([broken]);
    await expect(page.getByRole('alert')).toContainText('“page.sdl” is not a mapping file');
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('alert')).toBeHidden();
    await mapped(page, '5 of 5');
    await app.drop([sdl, broken]);
    await expect(page.getByRole('alert')).toContainText('You opened 2 mapping files at once.');
    await expect(page.getByRole('alert')).toContainText('Drop or choose one mapping file at a time.');
    await page.getByRole('button', { name: 'Close' }).click();
    await mapped(page, '5 of 5');
    await app.close();
  });
}

test('a mapping that the desktop app is opened with waits for its file', async ({ browser }, info) => {
  const { sdl, csv } = await written((name) => info.outputPath(name));
  const app = await startDesktopHarness(browser, { words: [sdl] });
  const { page } = app;
  const notice = page.getByText('“partner.sdl” is a mapping. Open the file with the data');
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: 'Don’t use it' }).click();
  await expect(notice).toBeHidden();
  await usePracticeOrg(app);
  expect(await app.host.act({ kind: 'open-file', path: sdl })).toBe(true);
  await expect(notice).toBeVisible();
  expect(await app.host.act({ kind: 'open-file', path: csv })).toBe(true);
  await mapped(page, '5 of 5');
  await app.close();
});

test('a mapping that is chosen in the desktop’s own dialog is used for the files chosen with it; several are refused in a sentence', async ({
  browser,
}, info) => {
  const { sdl, csv } = await written((name) => info.outputPath(name));
  const other = info.outputPath('other.sdl');
  await writeFile(other, SDL);
  const app = await startDesktopHarness(browser);
  const { page } = app;
  const notice = page.getByText('“partner.sdl” is a mapping. Open the file with the data');
  await usePracticeOrg(app);
  const open = () => page.getByRole('button', { name: 'Choose a file' }).click();
  await app.choose([sdl], open);
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: 'Don’t use it' }).click();
  await app.choose([sdl, other], open);
  await expect(page.getByRole('alert')).toContainText('You opened 2 mapping files at once.');
  await page.getByRole('button', { name: 'Close' }).click();
  await app.choose([csv, sdl], open);
  await mapped(page, '5 of 5');
  await app.close();
});
