import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import iconv from 'iconv-lite';
import { expectAccessible, takePicture } from './support/actions.ts';
import { ANY_HOST, HOSTS } from './support/hosts.ts';

const workbook = (name: string): string =>
  fileURLToPath(new URL(`../electron/backend/source/fixtures/workbooks/${name}`, import.meta.url));

/** The cell of a row, by the row's place on the screen and the column's name. */
function cell(page: Page, row: number, column: string) {
  return page.locator(`[role="row"][row-index="${row}"] [col-id="${column}"]`);
}

for (const host of HOSTS) {
  test.describe(host.name, () => {
    test('rows pasted from a spreadsheet are a source like any other', async ({ browser }) => {
      const app = await host.start(browser);
      const { page } = app;
      await expect(page.getByText('paste rows from a spreadsheet')).toBeVisible();
      // Copied as a spreadsheet does, and pasted with nothing in focus.
      await page.evaluate(() => {
        document.addEventListener('copy', (event) => {
          event.clipboardData?.setData('text/plain', 'Last Name\tNotes\r\nMüller\t"two\nlines"\r\nNuñez\tone\r\n');
          event.preventDefault();
        });
      });
      await page.keyboard.press('Control+c');
      await page.keyboard.press('Control+v');
      await expect(page.getByRole('heading', { name: 'Pasted rows', level: 2 })).toBeVisible();
      await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
      await expect(page.getByText('Delimiter detected: tab.')).toBeVisible();
      await expect(cell(page, 0, 'c0')).toHaveText('Müller');
      await app.close();
    });

    test('several files: one shape is one source, two shapes are told apart', async ({ browser }, info) => {
      const app = await host.start(browser);
      const { page } = app;
      const paths = ['may.csv', 'june.csv', 'other.csv'].map((name) => info.outputPath(name));
      const [may = '', june = '', other = ''] = paths;
      await writeFile(may, 'Name,Phone\nA,1\nB,2\n');
      await writeFile(june, 'Name;Phone\r\nC;3\r\n');
      await writeFile(other, 'Name,Mobile\nD,4\n');
      await app.drop([may, june]);
      await expect(page.getByText('3 rows, 2 columns')).toBeVisible();
      await expect(page.getByText('2 files with the same columns are read as one.')).toBeVisible();
      await expect(cell(page, 2, 'c0')).toHaveText('C');
      await expect(page.locator('[row-index="2"] [col-id="file"]')).toHaveText('june.csv');
      await app.drop([may, other]);
      await expect(page.getByRole('alert')).toContainText(
        'Drop one file at a time. You dropped 2 files: may.csv, other.csv.',
      );
      await expect(page.getByRole('alert')).toContainText(
        '“other.csv” differs from the first file: it has no “Phone” and it also has “Mobile”.',
      );
      await app.close();
    });
  });
}

test('a workbook opens at its table; another sheet and another header row are a choice away', async ({ browser }) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await app.drop([workbook('accounts-openpyxl.xlsx')]);
  await expect(page.getByText('4 rows, 11 columns')).toBeVisible();
  await expect(page.getByText('Using sheet “Accounts” (2 of 3).')).toBeVisible();
  await expect(page.getByText('Header read from row 4; 2 rows above it are not read.')).toBeVisible();
  await expect(page.getByText(/Excel stored a rounded number/)).toBeVisible();
  await expect(page.getByText('1 merged area (B9:B10)')).toBeVisible();
  await expect(page.getByText('1 hidden row and 1 hidden column (Notes)')).toBeVisible();
  await expect(cell(page, 0, 'c1')).toHaveText('01067');
  await expect(cell(page, 0, 'c2')).toHaveText('2024-02-29');
  await takePicture(page, 'source-workbook');
  await expect(page.getByText(/column Owner: the cell has an Excel error/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Sheet' }).selectOption('Codes (hidden)');
  await expect(page.getByText('1 row, 2 columns')).toBeVisible();
  await expect(page.getByText('Sheet “Codes” is hidden in the workbook.')).toBeVisible();
  await page.getByRole('combobox', { name: 'Sheet' }).selectOption('Accounts');
  await expect(page.getByText('4 rows, 11 columns')).toBeVisible();
  await page.getByRole('textbox', { name: 'Header row' }).fill('5');
  await page.getByRole('textbox', { name: 'Header row' }).press('Enter');
  await expect(page.getByText('3 rows, 11 columns')).toBeVisible();
  await app.close();
});

test('a row that could not be read says why under the pointer', async ({ browser }, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('short.csv');
  await writeFile(path, 'Name,City\nAda,London\nonly one\n');
  await app.drop([path]);
  await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
  await cell(page, 1, 'c0').hover();
  await expect(page.locator('.ag-tooltip')).toHaveText('too few values');
  await app.close();
});

test('a wrong encoding is seen and put right', async ({ browser }, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('mesta.csv');
  // Too little text to tell Central Europe from the West by.
  await writeFile(path, iconv.encode('Name,City\nŘezníček,Plzeň\n', 'windows-1250'));
  await app.drop([path]);
  await expect(page.getByText(/Not valid UTF-8: read as/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Encoding' }).selectOption('windows-1250');
  await expect(cell(page, 0, 'c0')).toHaveText('Řezníček');
  await expect(cell(page, 0, 'c1')).toHaveText('Plzeň');
  await app.close();
});

test('cleaning: seen before it is done, taken back, typed over, saved', async ({ browser }, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('people.csv');
  const rows = Array.from({ length: 300 }, (_all, n) => `  Person ${n} ,${n % 3 === 0 ? '' : 'hot'},Ada Lovelace`);
  await writeFile(path, `Name,Rating,Contact\n${rows.join('\n')}\n  Person 1 ,hot,Ada Lovelace\n`);
  await app.drop([path]);
  await expect(page.getByText('301 rows, 3 columns')).toBeVisible();
  await page.getByRole('button', { name: 'Profile of Rating' }).click();
  const profile = page.getByRole('region', { name: 'Profile of Rating' });
  await expect(profile.getByText('Blank')).toBeVisible();
  await expect(profile.getByRole('button', { name: '100 (33%)' })).toBeVisible();
  await takePicture(page, 'source-profile');
  await profile.getByRole('button', { name: 'hot' }).click();
  await expect(page.getByText('201 rows of 301')).toBeVisible();
  await page.getByRole('button', { name: /^Rating is “hot”/ }).click();

  await page
    .getByRole('button', { name: /^Clean/ })
    .first()
    .click();
  const panel = page.getByRole('region', { name: 'Cleaning' });
  await panel.getByRole('button', { name: 'Clear' }).or(panel.locator('.mantine-Pill-remove')).first().click();
  await expect(panel.getByText('Changes 301 cells in 301 rows.')).toBeVisible();
  await expect(panel.getByText('··Person 0·')).toBeVisible();
  await takePicture(page, 'source-cleaning');
  await panel.getByRole('button', { name: 'Clean 301 cells' }).click();
  await expect(panel.getByText('Trim spaces in all columns')).toBeVisible();
  await expect(cell(page, 0, 'c0')).toHaveText('Person 0');
  await panel.getByRole('combobox', { name: 'Step' }).selectOption('Remove exact duplicate rows');
  await panel.getByRole('button', { name: 'Remove 1 row' }).click();
  await expect(page.getByText('300 rows, 3 columns')).toBeVisible();
  await expect(page.getByText('1 duplicate row removed')).toBeVisible();
  await panel.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('301 rows, 3 columns')).toBeVisible();
  await panel.getByRole('button', { name: 'Remove: Trim spaces in all columns' }).click();
  await expect(cell(page, 0, 'c0')).toHaveText('Person 0', { useInnerText: false });
  await panel.getByRole('button', { name: 'Undo' }).click();

  await panel.getByRole('combobox', { name: 'Step' }).selectOption('Split a column');
  await panel.getByRole('combobox', { name: 'Column' }).selectOption('Contact');
  await panel.getByRole('textbox', { name: 'Names of the new columns' }).fill('First, Last');
  await panel.getByRole('button', { name: /^Clean 602 cells/ }).click();
  await expect(page.getByText('301 rows, 5 columns')).toBeVisible();
  await expect(cell(page, 0, 'c4')).toHaveText('Lovelace');

  await cell(page, 1, 'c1').dblclick();
  await expect(cell(page, 1, 'c1').locator('input')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Warm');
  await page.keyboard.press('Enter');
  await expect(panel.getByText('1 cell typed over.')).toBeVisible();
  await expect(cell(page, 1, 'c1')).toHaveText('Warm');
  await expectAccessible(page, 'source-edited');
  const saved = await app.saveFile(() => panel.getByRole('button', { name: 'Save the cleaned rows as CSV' }).click());
  expect(saved.split('\n').slice(0, 3)).toEqual([
    'Name,Rating,Contact,First,Last',
    'Person 0,,Ada Lovelace,Ada,Lovelace',
    'Person 1,Warm,Ada Lovelace,Ada,Lovelace',
  ]);
  await panel.getByRole('button', { name: 'Undo' }).click();
  await expect(cell(page, 1, 'c1')).toHaveText('hot');
  await app.close();
});
