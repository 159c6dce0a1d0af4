import { rename, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { allow, expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { ANY_HOST, HOSTS } from './support/hosts.ts';
import { groupsOf, rail, toPlan } from './support/row-groups.ts';
import { example } from './support/walk.ts';
import type { LongshoreApp } from './support/window.ts';

const BERTHS = 'Berth Name,Berth Code\nNorth quay,RUN-1\nSouth quay,RUN-2\n';

async function loadBerths(app: LongshoreApp, path: string): Promise<void> {
  const { page } = app;
  await writeFile(path, BERTHS);
  await usePracticeOrg(app);
  await app.drop([path]);
  await expect(page.getByText('2 rows, 2 columns')).toBeVisible();
  await toPlan(page);
  await page.getByRole('button', { name: 'Load 2 changes' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
}

test('a load is run again from home, checked, and sends nothing by itself', async ({ browser }, info) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await loadBerths(app, info.outputPath('quays.csv'));
  const loads = page.getByRole('region', { name: 'Recent loads' });
  await expect(loads).toContainText('2 created');
  await takePicture(page, 'home-loads');
  await loads.getByRole('button', { name: /^Run again: quays\.csv/ }).click();
  await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  await expect(page.getByText(/Running the load of quays\.csv .* again, with the same rows and mapping/)).toBeVisible();
  await takePicture(page, 'run-again');
  await rail(page, 'Plan').click();
  await expect(page.getByRole('heading', { name: /^Nothing would change/ })).toBeVisible();
  expect(await groupsOf(page, '.step')).toMatchObject({ unchanged: 2 });
  await app.close();
});

test('a load is run again although its org was signed out, or its session has ended: after signing in it goes on by itself', async ({
  browser,
}, info) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await loadBerths(app, info.outputPath('quays.csv'));
  // What was opened a moment ago is there, too.
  await expect(page.getByRole('region', { name: 'Recent files' })).toContainText('2 rows · 2 columns');
  const again = page.getByRole('button', { name: /^Run again: quays\.csv/ });
  const isPrepared = async () => {
    await expect(page.getByText(/Running the load of quays\.csv .* again, with the same rows/)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Every row can be loaded' })).toBeVisible();
  };

  await page.getByRole('button', { name: 'Manage orgs' }).click();
  // The org takes its time to end the session, and nobody waits for that.
  await app.faults([{ path: '/services/oauth2/revoke', every: 1, action: { kind: 'delay', milliseconds: 1000 } }]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await again.click();
  const notice = page.getByRole('alert');
  await expect(notice).toContainText(
    'You are not signed in to Practice org. Sign in to run the load of quays.csv again.',
  );
  await expectAccessible(page, 'run-again-signed-out');
  await app.faults([]);
  await notice.getByRole('button', { name: 'Sign in' }).click();
  await usePracticeOrg(app);
  await isPrepared();

  // The org ends the session while its page is open.
  await app.faults([{ path: '/services/', times: 1, action: { kind: 'revoke-everything' } }]);
  await page.getByRole('button', { name: 'About this org' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await again.click();
  await expect(dialog).toBeVisible();
  await takePicture(page, 'run-again-session-ended');
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  await allow(await app.signInPage());
  await isPrepared();
  await app.close();
});

test('desktop: a file that changed is told, one that is gone is asked for', async ({ browser }, info) => {
  test.setTimeout(150_000);
  const desktop = HOSTS.find(({ name }) => name.startsWith('desktop'));
  if (!desktop) throw new Error('no desktop host');
  const app = await desktop.start(browser);
  const { page } = app;
  const path = info.outputPath('quays.csv');
  await loadBerths(app, path);
  await writeFile(path, BERTHS.replace('South', 'West'));
  const again = page.getByRole('button', { name: /^Run again: quays\.csv/ });
  await again.click();
  await expect(page.getByText(/Its rows have changed since then/)).toBeVisible();
  await page.getByRole('button', { name: 'Longshore home' }).click();
  const moved = info.outputPath('moved.csv');
  await rename(path, moved);
  await again.click();
  await expect(page.getByRole('alert')).toContainText('quays.csv is no longer where it was');
  await app.choose([moved], () => page.getByRole('alert').getByRole('button', { name: 'Choose the file' }).click());
  await expect(page.getByText(/Running the load of quays\.csv .* again/)).toBeVisible();
  await toPlan(page);
  await expect(page.getByRole('button', { name: 'Load 1 change' })).toBeVisible();
  await app.close();
});

test('a paused load that takes more API calls than are left asks before it goes on', async ({ browser }) => {
  test.setTimeout(150_000);
  const app = await ANY_HOST.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  await app.drop([example('contacts.csv')]);
  await expect(page.getByText('1,200 rows, 11 columns')).toBeVisible();
  await toPlan(page);
  const refusal = { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' };
  await app.faults([{ method: 'POST', path: '/jobs\\/ingest$/', every: 1, action: { kind: 'status', ...refusal } }]);
  await page.getByRole('button', { name: /^Load [\d,]+ changes/ }).click();
  await expect(page.getByRole('alert')).toContainText('The org has no API calls left for today.');
  // What is paused is told at home, in one place.
  await page.getByRole('button', { name: 'Longshore home' }).click();
  await expect(page.getByText(/contacts\.csv/).and(page.locator('strong'))).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'Recent loads' })).toHaveCount(0);
  await takePicture(page, 'home-paused');
  await page.getByRole('button', { name: 'See and resume' }).click();
  await app.faults([]);
  await app.limitApi(1);
  await page.getByRole('button', { name: /^Resume/ }).click();
  const asked = page.getByRole('alert').filter({ hasText: 'more API calls' });
  await expect(asked).toContainText('Nothing more was sent.');
  await expect(page.getByRole('heading', { name: /^Paused: / })).toBeVisible();
  await expectAccessible(page, 'load-budget');
  await app.limitApi(1_000_000);
  await asked.getByRole('button', { name: 'Load anyway' }).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('1,200');
  await app.close();
});
