import { expect, test } from '@playwright/test';
import { expectAccessible, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

test('two users of one org side by side, switched in the top bar; addresses and tokens are looked at', async ({
  browser,
}) => {
  const app = await startBrowserHost(browser);
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
  await expectAccessible(page, 'connect-menu');
  await page.getByRole('menuitem', { name: /admin@practice\.example/ }).click();
  await expect(badge).toHaveAttribute('title', /^admin@practice\.example/);

  await badge.click();
  await page.getByRole('menuitem', { name: 'Connect another org' }).click();
  await page.getByText('My Domain', { exact: true }).first().click();
  const myDomain = page.getByRole('textbox', { name: 'My Domain', exact: true });
  await myDomain.fill('acme--uat');
  await expect(page.getByText('You sign in at https://acme--uat.sandbox.my.salesforce.com')).toBeVisible();
  await myDomain.fill('acme.example');
  await expect(page.getByText('“acme.example” is not an address of Salesforce.')).toBeVisible();
  await page.getByText('Where do I find the consumer key?').click();
  await expect(page.getByText('http://localhost:1717/OauthRedirect')).toBeVisible();
  await page.getByLabel('My Domain of the org').fill('acme');
  await page.getByRole('textbox', { name: 'Access token' }).fill('hunter2');
  await expectAccessible(page, 'connect-screen');
  await page.getByRole('button', { name: 'Use the token' }).click();
  await expect(page.getByRole('alert')).toContainText('That is not an access token.');
  await expect(page.getByRole('textbox', { name: 'Access token' })).toHaveValue('');
  await page
    .getByRole('row', { name: /standard@practice\.example/ })
    .getByRole('button', { name: 'Sign out' })
    .click();
  await expect(page.getByRole('row', { name: /standard@practice\.example/ })).toHaveCount(0);
  await app.close();
});
