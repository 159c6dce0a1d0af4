import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Browser } from '@playwright/test';
import { allow, expectAccessible, takePicture, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { HOSTS, type Host } from './support/hosts.ts';

const TWO_USERS = 'two users of one org side by side, switched in the top bar; addresses and tokens are looked at';
const IN_PLACE = 'a session that ends is signed in to in place, at once or later, and the step goes on';

for (const host of HOSTS) {
  test(`${TWO_USERS} (${host.name})`, ({ browser }) => twoUsers(host, browser));
  test(`${IN_PLACE} (${host.name})`, ({ browser }) => signInInPlace(host, browser));
}

async function twoUsers(host: Host, browser: Browser): Promise<void> {
  const app = await host.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  const badge = page.getByRole('button', { name: /^Practice: / });
  await badge.click();
  await page.getByRole('menuitem', { name: 'Connect another org' }).click();
  await page.getByRole('button', { name: 'Use the practice org' }).click();
  const signIn = await app.signInPage();
  await signIn.getByLabel('Username').fill('standard@practice.example');
  await signIn.getByRole('button', { name: 'Log In' }).click();
  await signIn.getByRole('button', { name: 'Allow' }).click();
  await expect(signIn.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
  await signIn.close();
  await expect(badge).toHaveAttribute('title', /^standard@practice\.example/);
  await badge.click();
  await expect(page.getByRole('menuitem')).toHaveCount(3);
  await takePicture(page, 'connect-menu');
  await page.getByRole('menuitem', { name: /admin@practice\.example/ }).click();
  await expect(badge).toHaveAttribute('title', /^admin@practice\.example/);

  await badge.click();
  await page.getByRole('menuitem', { name: 'Connect another org' }).click();
  await page.getByText('My Domain', { exact: true }).first().click();
  const myDomain = page.getByRole('textbox', { name: 'My Domain', exact: true });
  await myDomain.fill('acme--uat');
  await expect(page.getByText('You sign in at https://acme--uat.sandbox.my.salesforce.com')).toBeVisible();
  await myDomain.fill('acme.example');
  await expect(page.getByText('“acme.example” is not a Salesforce address.')).toBeVisible();
  await page.getByText('Where do I find the consumer key?').click();
  await expect(page.getByText('http://localhost:1717/OauthRedirect')).toBeVisible();
  await page.getByLabel('My Domain of the org').fill('acme');
  await page.getByRole('textbox', { name: 'Access token' }).fill('hunter2');
  await takePicture(page, 'connect-screen');
  await page.getByRole('button', { name: 'Use the token' }).click();
  await expect(page.getByRole('alert')).toContainText('This is not an access token.');
  await expect(page.getByRole('textbox', { name: 'Access token' })).toHaveValue('');
  await page
    .getByRole('row', { name: /standard@practice\.example/ })
    .getByRole('button', { name: 'Sign out' })
    .click();
  await expect(page.getByRole('row', { name: /standard@practice\.example/ })).toHaveCount(0);
  await app.close();
}

async function signInInPlace(host: Host, browser: Browser): Promise<void> {
  const app = await host.start(browser);
  const { page } = app;
  await usePracticeOrg(app);
  const folder = await mkdtemp(join(tmpdir(), 'longshore-in-place-'));
  await writeFile(join(folder, 'in-place.csv'), 'Account Name,ERP Id\nIn place,PLACE-1\n');
  await app.drop([join(folder, 'in-place.csv')]);
  await page.getByRole('button', { name: /^Map 2 columns/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await app.faults([{ path: '/query', times: 1, action: { kind: 'revoke-everything' } }]);
  await page.getByRole('button', { name: /^Compare 1 row/ }).click();

  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toContainText('The session of admin@practice.example');
  await takePicture(page, 'sign-in-dialog');
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  await allow(await app.signInPage());
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Load 1 change' })).toBeVisible();
  await app.close();
  await rm(folder, { recursive: true });
}

test('orgs of the official CLI are listed, those that can’t be used with the reason', async ({ browser }) => {
  const home = await mkdtemp(join(tmpdir(), 'longshore-home-'));
  await mkdir(join(home, '.sfdx'));
  const past = {
    username: 'past@scratch.example',
    instanceUrl: 'https://scratch.my.salesforce.com',
    accessToken: 'x',
    expirationDate: '2020-01-01',
  };
  await writeFile(join(home, '.sfdx', 'past@scratch.example.json'), JSON.stringify(past));
  await writeFile(join(home, '.sfdx', 'damaged@file.example.json'), '{"accessToken":');
  await writeFile(join(home, '.sfdx', 'alias.json'), JSON.stringify({ orgs: { dev: 'past@scratch.example' } }));
  const app = await startBrowserHost(browser, { env: { HOME: home } });
  await app.page
    .getByRole('button', { name: /Connect|org/ })
    .first()
    .click();
  const list = app.page.getByRole('region', { name: 'Orgs of the Salesforce CLI' });
  await expect(list.getByRole('row', { name: /dev/ })).toContainText('Can’t be used:');
  await expect(list.getByRole('row', { name: /damaged@file\.example/ })).toContainText('Can’t be used:');
  await expect(list.getByRole('button')).toHaveCount(0);
  await expectAccessible(app.page, 'sf-orgs');
  await app.page.emulateMedia({ forcedColors: 'active' });
  await takePicture(app.page, 'sf-orgs-forced-colours');
  await app.close();
  await rm(home, { recursive: true, force: true });
});
