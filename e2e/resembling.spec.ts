import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { expectAccessible, openFileSummary, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import type { LongshoreApp } from './support/window.ts';

const HEADER = 'First Name,Last Name,Company,Email,Phone,Street,City,Zip/Postal Code';
const FIRST = [
  'Adelheid',
  'Bertrand',
  'Cosima',
  'Dietmar',
  'Edeltraud',
  'Florian',
  'Gisela',
  'Hartmut',
  'Irmgard',
  'Jochen',
];
const LAST = ['Achterberg', 'Bruchmann', 'Czerwinski', 'Dornheim'];

/** People of whom no two are alike, by their number. */
const lead = (n: number): string[] => {
  const [first, last] = [FIRST[n % 10] ?? '', `${LAST[Math.floor(n / 10) % 4] ?? ''}${n > 39 ? 'er' : ''}`];
  return [
    first,
    last,
    `${last} ${n} Werke GmbH`,
    `${first}.${last}@werke${n}.example`.toLowerCase(),
    `+49 30 ${4000000 + n * 7919}`,
    `Hafenstraße ${n + 1}`,
    'Bremen',
    String(28195 + n * 31),
  ];
};

async function toPlan(app: LongshoreApp, path: string, leads: readonly string[][]): Promise<void> {
  const { page } = app;
  await writeFile(path, `${[HEADER, ...leads.map((cells) => cells.join(','))].join('\n')}\n`);
  await app.drop([path]);
  await openFileSummary(page);
  await page.getByLabel('Operation').selectOption('insert');
  await expect(page.getByRole('heading', { name: `Insert ${leads.length} rows into Lead` })).toBeVisible();
  await page.getByRole('button', { name: /^Map \d columns/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare/ }).click();
  await expect(page.getByRole('heading', { name: `${leads.length} changes to Leads` })).toBeVisible();
}

test('leads of which 5 % exist: looked for, decided on, taken back, and loaded; those that exist are updated', async ({
  browser,
}, info) => {
  test.setTimeout(150_000);
  const app = await startBrowserHost(browser, {});
  const { page } = app;
  await usePracticeOrg(app);
  await toPlan(
    app,
    info.outputPath('known.csv'),
    Array.from({ length: 40 }, (_none, n) => lead(n)),
  );
  await page.getByRole('button', { name: 'Load 40 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();

  // Two of forty are there already: another phone, and a name as somebody heard it.
  const [first, second] = [lead(3), lead(17)];
  first[4] = '+49 40 555 1000';
  second[0] = 'Hartmuth';
  const rows = [first, second, ...Array.from({ length: 38 }, (_none, n) => lead(n + 40))];
  await toPlan(app, info.outputPath('fair.csv'), rows);
  const panel = page.getByRole('region', { name: 'Rows that resemble records' });
  await expect(panel).toContainText('not looked for yet');
  await panel.getByRole('button', { name: /Open$/ }).click();
  await expect(panel).toContainText('4 API calls or more');
  await panel.getByRole('button', { name: 'Look for records that resemble these rows' }).click();
  await expect(panel).toContainText(/Compared 40 rows with [\d,]+ records by First Name, Last Name, Company/);
  const pair = panel.getByRole('article', { name: /^Row 1 and record 00Q/ });
  await expect(pair).toContainText(/\+\d+\.\d same email/);
  await expect(pair.getByRole('row', { name: /^Phone/ })).toContainText('+49 40 555 1000');
  await expect(panel.getByText(/^From score .*: 2 pairs in 2 rows$/)).toBeVisible();
  await pair.scrollIntoViewIfNeeded();
  await takePicture(page, 'plan-resembling');

  // One by one, and back.
  await pair.getByRole('button', { name: 'Skip the row' }).click();
  await expect(panel).toContainText('1 row skipped, because a record like it exists.');
  await expect(page.getByRole('heading', { name: '39 changes to Leads' })).toBeVisible();
  await panel.getByText('Decided', { exact: true }).click();
  await pair.getByRole('button', { name: 'Take back' }).click();
  await expect(panel).toContainText('Nothing has been decided yet.');
  await expect(page.getByRole('heading', { name: '40 changes to Leads' })).toBeVisible();

  // Merged, the record keeps its own values: there is no blank to fill.
  await panel.getByText('To decide', { exact: true }).click();
  await pair.getByRole('button', { name: 'Fill its blanks' }).click();
  await expect(panel).toContainText('1 row would change nothing in the record it resembles.');
  await expect(page.getByRole('heading', { name: '39 changes to Leads' })).toBeVisible();
  await panel.getByText('Decided', { exact: true }).click();
  await pair.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByRole('heading', { name: '40 changes to Leads' })).toBeVisible();

  // All from the score on.
  await panel.getByText('To decide', { exact: true }).click();
  await panel.getByRole('button', { name: 'Update the records' }).click();
  await expect(panel).toContainText('2 rows decided.');
  await expect(panel).toContainText('2 rows update the records they resemble.');
  await page.getByRole('button', { name: /^Update 2/ }).click();
  const grid = page.getByRole('region', { name: 'What would change, row by row' });
  await expect(grid.getByText('+49 40 555 1000')).toBeVisible();

  // What it is least sure of can be labelled.
  await panel.getByRole('button', { name: 'Label the pairs it is least sure of' }).click();
  const asked = panel.getByRole('region', { name: 'Pairs to label' });
  await asked.getByRole('button', { name: 'Same', exact: true }).first().click();
  await asked.scrollIntoViewIfNeeded();
  await expectAccessible(page, 'plan-resembling-label');
  await asked.getByRole('button', { name: 'Learn from 1 pair' }).click();
  await expect(panel).toContainText('Learnt from 1 pair');

  await page.getByRole('button', { name: 'Load 40 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger')).toContainText(/Created\s*38/);
  await expect(page.locator('.ledger')).toContainText(/Updated\s*2/);
  await app.close();
});
