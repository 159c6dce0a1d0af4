import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { openFileSummary, takePicture, signInByHand } from './support/actions.ts';
import { ANY_HOST, HOSTS } from './support/hosts.ts';

const accounts = fileURLToPath(new URL('../examples/accounts.csv', import.meta.url));

for (const host of HOSTS) {
  test(`${host.name}: the first load, from a dropped file to the reload of its error file`, async ({
    browser,
  }, info) => {
    const app = await host.start(browser, { rowsPerSecond: 4000 });
    const { page } = app;
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    const look = async (screen: string) => {
      if (host === ANY_HOST) await takePicture(page, screen);
    };

    await expect(page.getByText('Drop a CSV anywhere')).toBeVisible();
    await look('1-home');
    await page.getByRole('button', { name: 'Connect an org' }).click();
    await look('2-connect');
    await signInByHand(app);

    await app.drop([accounts]);
    await expect(page.getByText('5,000 rows, 21 columns')).toBeVisible();
    await openFileSummary(page);
    await expect(page.getByText('20 of 21 columns fit its fields')).toBeVisible();
    await expect(page.getByText('Blue Heron Media Inc.').first()).toBeVisible();
    await look('3-source');

    await page.getByRole('button', { name: 'Map 21 columns' }).click();
    await expect(page.getByRole('row', { name: /Zip/ })).toContainText('common name for this field');
    // "Sales Region" fits no field by name: one is chosen, and taken back.
    const region = page.getByRole('combobox', { name: 'Field for Sales Region' });
    await region.fill('Account Site');
    await page.getByRole('option', { name: 'Account Site (Site)' }).click();
    await expect(page.getByText('21 of 21 columns mapped to Account')).toBeVisible();
    // Taken back and done again by the keyboard, from within the list that was closed.
    await page.keyboard.press('Control+z');
    await expect(page.getByText('20 of 21 columns mapped to Account')).toBeVisible();
    await page.getByText('Not loaded (1)').click();
    await expect(page.getByRole('row')).toHaveCount(2);
    await page.getByText('All (21)').click();
    await page.keyboard.press('Control+Shift+Z');
    await expect(page.getByText('21 of 21 columns mapped to Account')).toBeVisible();
    await look('4-mapping');

    await page.getByRole('button', { name: /See the checks/ }).click();
    await expect(page.getByRole('heading', { name: '34 rows of 5,000 need a fix' })).toBeVisible();
    await expect(page.getByText('“Hott” is not a value of this picklist. Did you mean “Hot”?')).toBeVisible();
    await page.getByRole('button', { name: 'Replace in 5 rows' }).click();
    await expect(page.getByRole('heading', { name: '29 rows of 5,000 need a fix' })).toBeVisible();
    await look('5-checks');

    await page.getByRole('button', { name: /^Compare 4,970 rows/ }).click();
    const load = page.getByRole('button', { name: /^Load [\d,]+ changes/ });
    await expect(load).toBeVisible();
    const counts = await page.locator('button.chip[aria-pressed] b').allTextContents();
    expect(
      counts.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0),
      'the chips add up to the file',
    ).toBe(5000);
    await page.getByRole('button', { name: /^Update/ }).click();
    await expect(page.locator('.was').first()).toBeVisible();
    await expect(page.locator('.now').first()).toBeVisible();
    await look('6-plan');
    // The README's picture is this very run's.
    if (process.env['LONGSHORE_SCREENSHOT']) await page.screenshot({ path: process.env['LONGSHORE_SCREENSHOT'] });

    await load.click();
    await expect(page.getByText(/^Loading: /)).toBeVisible();
    await look('7-load');
    await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
    await expect(page.locator('.ledger .total')).toContainText('5,000');
    await look('8-report');

    const errors = await app.saveFile(() => page.getByRole('button', { name: /Save the error file \(31\)/ }).click());
    expect(errors.split('\n')[0]).toBe(
      'sf__Id,sf__Error,ERP Id,Account Name,Type,Industry,Rating,Phone,Website,Billing Street,Billing City,Zip,Billing Country,Employees,Annual Revenue,Customer Since,Active,Credit Limit,Discount,SLA,Interests,Billing Email,Sales Region',
    );
    // One kind of problem is mended in a text editor and the file dropped back in.
    const mended = info.outputPath('mended.csv');
    await writeFile(mended, errors.replaceAll('Lukewarm', 'Warm').replaceAll(',Diamond,', ',Gold,'));
    await app.drop([mended]);
    await expect(page.getByText('31 rows, 23 columns')).toBeVisible();
    await page.getByRole('button', { name: 'Map 23 columns' }).click();
    await expect(page.getByRole('row', { name: /sf__Error/ })).toContainText('from a result file');
    await page.getByRole('button', { name: /See the checks/ }).click();
    await page.getByRole('button', { name: /^Compare 6 rows/ }).click();
    await page.getByRole('button', { name: /^Load [\d,]+ changes?/ }).click();
    await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
    await expect(page.locator('.ledger .total')).toContainText('31');
    expect(faults, 'nothing in the console').toEqual([]);
    await app.close();
  });
}
