import { writeFile } from 'node:fs/promises';
import { test, expect } from '@playwright/test';
import { expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('lookups by anything: offered by the header, chosen by keyboard, counted in the org, loaded', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('cases.csv');
  const rows = [
    'T-1,Harbour crane,Support Tier 1,Complaint',
    'T-2,Harbour crane,support tier 1,Question',
    'T-3,Nowhere to be found,Support Tier 1,Question',
  ];
  await writeFile(file, `Ticket Key,Subject,Owner,Record Type\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: 'Map 4 columns' }).click();
  await page.getByRole('button', { name: 'Fill Record Type ID: find RecordType by Name' }).click();
  await expect(page.getByText(/^2 of 2 values find their active Case record type by Name/)).toBeVisible();
  await page.getByRole('button', { name: 'Fill Owner ID: find User by Name' }).click();
  await expect(page.getByText(/^0 of 1 values find their User by Full Name; 1 finds none/)).toBeVisible();
  // Who owns these is a queue: the object, then its field, without a mouse.
  const owner = page.getByRole('group', { name: 'How Owner finds its record' });
  await owner.getByRole('combobox', { name: 'Find', exact: true }).selectOption('Group');
  const by = owner.getByRole('combobox', { name: 'by', exact: true });
  await by.focus();
  await page.keyboard.type('Name');
  // Those of the object that was chosen before are listed until its own are known.
  await expect(page.getByRole('option', { name: 'Name (Name)', exact: true })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The only value finds its queue of Cases by Name (1 API call).')).toBeVisible();
  await takePicture(page, 'lookups');
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByText(/RecordTypeId: 3 rows found their active Case record type by Name/)).toBeVisible();
  await page.getByRole('button', { name: 'Load 3 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('3');
  await app.close();
});

test('what lookups do not find is shown among the problems of the checks, counted alike everywhere, and mended there', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('people.csv');
  const rows = ['One,Nowhere Ltd,', 'Two,Nowhere Ltd,', 'Three,Nobody Inc,', 'Four,,003000000000999AAA', 'Five,,'];
  await writeFile(file, `Last Name,Account Name,Reports To ID\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: 'Map 3 columns' }).click();
  await page.getByRole('button', { name: 'Fill Account ID: find Account by Name' }).click();
  await expect(page.getByText(/^0 of 2 values find their Account by Account Name/)).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Ids in Reports To ID that are not found' })).toHaveValue('home');
  await expectAccessible(page, 'lookups-ids');
  await page.getByRole('button', { name: /See the checks/ }).click();
  await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  await page.getByRole('button', { name: 'Look them up' }).click();
  const home = async (heading: string, toFix: string) => {
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Steps' })).toContainText(toFix);
  };
  await home('4 rows of 5 need a fix', '4 not sent');
  await expect(page.getByText('Not sent (4 found in the org)')).toBeVisible();
  await expect(page.getByText('No Account with Account Name “Nowhere Ltd”.')).toBeVisible();
  await takePicture(page, 'checks-lookups');
  await page.getByText('Only problem rows (4)').click();
  const grid = page.getByRole('region', { name: 'Rows with problems' });
  await expect(grid.getByText('No Contact has the ID “003000000000999AAA”')).toBeVisible();
  await page.getByText('Problems', { exact: true }).click();

  // The org is asked again after each fix.
  await page.getByRole('button', { name: 'Leave out 2 rows with Nowhere Ltd' }).click();
  await home('2 rows of 5 need a fix', '2 not sent');
  await page.getByRole('button', { name: 'Replace in 1 row' }).first().click();
  await home('1 row of 5 needs a fix', '1 not sent');
  await page.getByRole('button', { name: 'Load 1 row without it' }).click();
  await home('Every row that you did not leave out can be loaded', '0 not sent');
  await expect(page.getByText('keeps no further row from being sent')).toBeVisible();
  await takePicture(page, 'checks-lookups-mended');
  await page.getByRole('button', { name: /^Compare 3 rows/ }).click();
  await expect(page.getByRole('button', { name: 'Load 3 changes' })).toBeVisible();
  await app.close();
});

test('a column whose values are keys of another object is offered that lookup, by its values', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  const file = info.outputPath('contacts.csv');
  const rows = Array.from(
    { length: 6 },
    (_, n) => `Ann,Person ${n},ann${n}@example.org,${n === 5 ? 'none' : `ERP-10000${n + 1}`}`,
  );
  await writeFile(file, `First Name,Last Name,Email,Firma-Ref\n${rows.join('\n')}\n`);
  await app.drop([file]);
  await page.getByRole('button', { name: 'Map 4 columns' }).click();
  const offer = page.getByRole('button', {
    name: 'Fill Account ID: find Account by ERP Id (5 of 6 values tried find their parent)',
  });
  await expect(offer).toBeVisible();
  await takePicture(page, 'lookups-offered');
  await offer.click();
  await expect(page.getByText(/^5 of 6 values find their Account by ERP Id; 1 finds none/)).toBeVisible();
  await app.close();
});
