import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test, type Page } from '@playwright/test';
import { zipOf } from '../electron/backend/test-support/make-zip.ts';
import { expectAccessible, tabTo, takePicture, usePracticeOrg } from './support/actions.ts';
import { ANY_HOST, HOSTS } from './support/hosts.ts';

const example = (name: string): string => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));

async function toPlan(page: Page): Promise<void> {
  // The rail leads straight to the plan of a well-named file.
  await page
    .getByRole('button', { name: /^\d? ?Plan|Plan/ })
    .first()
    .click();
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes?/ })).toBeVisible();
}

for (const host of HOSTS) {
  test.describe(host.name, () => {
    test('packed files open like what is inside them, while they are still on their way', async ({ browser }, info) => {
      const app = await host.start(browser);
      const { page } = app;
      // Noise does not pack: the browser host's first quarter megabyte is the beginning of it only.
      const rows = Array.from({ length: 12_000 }, (_all, n) => `${n},${randomBytes(24).toString('base64url')}`);
      const text = Buffer.from(`Berth Code,Notes\n${rows.join('\n')}\n`);
      const gzip = info.outputPath('berths.csv.gz');
      await writeFile(gzip, gzipSync(text));
      await app.drop([gzip]);
      await expect(page.getByText('Unpacked (gzip).')).toBeVisible();
      await expect(page.getByText('12,000 rows, 2 columns')).toBeVisible();
      const zip = info.outputPath('berths.zip');
      await writeFile(zip, zipOf([{ name: 'out/berths.csv', content: text }, { name: '__MACOSX/._berths.csv' }]));
      await app.drop([zip]);
      await expect(page.getByText('Unpacked (zip): “out/berths.csv”.')).toBeVisible();
      await expect(page.getByText('12,000 rows, 2 columns')).toBeVisible();
      const several = info.outputPath('several.zip');
      await writeFile(
        several,
        zipOf([
          { name: 'a.csv', content: text },
          { name: 'b.csv', content: text },
        ]),
      );
      await app.drop([several]);
      await expect(page.getByText('“several.zip” contains 2 files: a.csv, b.csv.')).toBeVisible();
      await takePicture(page, 'several-files-in-a-zip');
      await app.close();
    });

    test('files that are no CSV are refused in words, and the next one opens', async ({ browser }, info) => {
      const app = await host.start(browser);
      const { page } = app;
      const picture = info.outputPath('logo.csv');
      await writeFile(picture, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
      await app.drop([picture]);
      await expect(page.getByRole('alert')).toContainText('“logo.csv” is not a text file (it looks like a PNG image).');
      await expect(page.getByRole('alert')).toContainText('Nothing was sent to Salesforce.');
      await takePicture(page, 'refused');
      const empty = info.outputPath('empty.csv');
      await writeFile(empty, '');
      await app.drop([empty]);
      await expect(page.getByRole('alert')).toContainText('“empty.csv” is empty.');
      const unclosed = info.outputPath('unclosed.csv');
      await writeFile(unclosed, 'Name,Phone\nA,1\n"B,2\nC,3\n');
      await app.drop([unclosed]);
      await expect(page.getByRole('alert')).toContainText(
        'The quote opened on line 3 of “unclosed.csv” is never closed.',
      );
      await app.drop([example('kunden.csv')]);
      await expect(page.getByText('800 rows, 11 columns')).toBeVisible();
      await expect(page.getByText('Not valid UTF-8: read as windows-1252.')).toBeVisible();
      await app.close();
    });
  });
}

test('a wrong delimiter is fixed by hand', async ({ browser }, info) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  const path = info.outputPath('odd.csv');
  // Every line has more commas than carets, so the guess is wrong.
  await writeFile(
    path,
    'Berth Name, official, long^Berth Code, internal\nNorth, quay, 1^ODD-1, x\nSouth, quay, 2^ODD-2, y\n',
  );
  await app.drop([path]);
  await expect(page.getByRole('combobox', { name: 'Delimiter' })).toHaveValue(',');
  await page.getByRole('combobox', { name: 'Delimiter' }).selectOption('caret');
  await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
  await expect(page.getByText('North, quay, 1')).toBeVisible();
  await app.close();
});

test('the session expires in the middle: sign in again, and the load goes on', async ({ browser }) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('contacts.csv')]);
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await toPlan(page);
  await app.faults([{ method: 'GET', path: '/jobs\\/ingest/', action: { kind: 'revoke-everything' } }]);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('alert')).toContainText('Your session as admin@practice.example has ended.');
  // Over the step, and the load goes on by itself.
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toContainText('Your work is kept');
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  const signIn = await app.signInPage();
  await signIn.getByRole('button', { name: 'Log In' }).click();
  await signIn.getByRole('button', { name: 'Allow' }).click();
  await expect(signIn.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
  await signIn.close();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('1,200');
  await app.close();
});

test('the API limit pauses a load; it goes on, and results that are short are not used', async ({ browser }) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('contacts.csv')]);
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await toPlan(page);
  const limit = {
    kind: 'status',
    status: 403,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    message: 'TotalRequests Limit exceeded.',
  };
  await app.faults([{ method: 'POST', path: '/jobs\\/ingest$/', every: 1, action: limit }]);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('alert')).toContainText('The org has no API calls left for today.');
  await takePicture(page, 'paused');
  await app.faults([
    { method: 'GET', path: '/successfulResults$/', every: 1, action: { kind: 'shorten-results', keep: 3 } },
  ]);
  await page.getByRole('button', { name: /^Resume/ }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(
    page.getByText(/successfulResults of job .* does not have as many rows as the job counted/),
  ).toBeVisible();
  await expect(page.getByText(/had no result and were looked up in the org/)).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('1,200');
  await expectAccessible(page, 'report-with-notices');
  await app.close();
});

test('a load is cancelled in the middle, and its numbers still add up', async ({ browser }) => {
  const app = await ANY_HOST.start(browser, { rowsPerSecond: 500 });
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('accounts.csv')]);
  await expect(page.getByRole('button', { name: /20 of 21 columns/ })).toBeVisible();
  await toPlan(page);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('row', { name: /InProgress/ })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the load' }).click();
  await expect(page.getByRole('heading', { name: /^Canceled: / })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('5,000');
  await expect(page.locator('.ledger')).toContainText('Unprocessed');
  const unprocessed = await app.saveFile(() => page.getByRole('button', { name: /^Unprocessed \(/ }).click());
  expect(unprocessed.split('\n')[0]).toMatch(/^ERP Id,Account Name/);
  await app.close();
});

test('the whole way by keyboard, at 200 % zoom and in forced colours', async ({ browser }) => {
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  // 200 % zoom of the window is half the room in CSS pixels.
  await page.setViewportSize({ width: 680, height: 430 });
  await page.emulateMedia({ forcedColors: 'active' });
  const press = async (name: string | RegExp) => {
    await tabTo(page, 'button', name);
    await page.keyboard.press('Enter');
  };
  await press('Use the practice org');
  const signIn = await app.signInPage();
  await tabTo(signIn, 'button', 'Log In');
  await signIn.keyboard.press('Enter');
  await tabTo(signIn, 'button', 'Allow');
  await signIn.keyboard.press('Enter');
  await expect(signIn.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
  await signIn.close();
  await expect(page.getByRole('button', { name: 'Manage orgs' })).toBeVisible();
  await takePicture(page, 'forced-home');
  await app.choose([example('contacts.csv')], () => press('Choose a file'));
  await press('Map 11 columns');
  await takePicture(page, 'forced-mapping');
  await press(/See the checks/);
  await press(/^Compare/);
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes/ })).toBeVisible();
  await takePicture(page, 'forced-plan');
  await page.emulateMedia({ forcedColors: 'none' });
  await expectAccessible(page, 'zoom-plan', ['light']);
  await press(/^Load [\d,]+ changes/);
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expectAccessible(page, 'zoom-report', ['light']);
  await app.close();
});
