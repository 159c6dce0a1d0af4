import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, openFileSummary, takePicture } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { dropBytes, type LongshoreApp } from './support/window.ts';

/** A practice org that answers as a production org does, and a window that is signed in there. */

const PRACTICE_ORG = fileURLToPath(new URL('../electron/practice-org/main.ts', import.meta.url));
const FLAGS = ['--records', '20', '--rows-per-second', '0', '--queue-delay', '0'];

let org: ChildProcess;
let app: LongshoreApp;
let page: Page;

test.beforeEach(async ({ browser }) => {
  org = fork(PRACTICE_ORG, [...FLAGS, '--knob', 'organizationType=Enterprise Edition'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { url, accessToken } = await new Promise<{ url: string; accessToken: string }>((resolve) =>
    org.once('message', (message) => resolve(message as { url: string; accessToken: string })),
  );
  app = await startBrowserHost(browser, { env: { SF_ACCESS_TOKEN: accessToken, SF_ORG_INSTANCE_URL: url } });
  ({ page } = app);
  await expect(page.getByRole('button', { name: /^Production: Practice org/ })).toBeVisible();
});
test.afterEach(async () => {
  await app.close();
  org.kill();
});

/** As a browser's zoom of 200 % has it: half as many CSS pixels. */
async function zoomedIn(): Promise<void> {
  await page.setViewportSize({ width: 680, height: 430 });
}

async function nothingSticksOut(): Promise<void> {
  const wider = await page.evaluate(() => {
    const main = document.querySelector('main');
    return main === null ? -1 : main.scrollWidth - main.clientWidth;
  });
  expect(wider, 'the page scrolls down only').toBeLessThanOrEqual(0);
}

/** Moves on with Tab until a control has the focus. */
async function tabTo(name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labelled =
        element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
      return element?.getAttribute('aria-label') ?? labelled?.[0]?.textContent ?? element?.textContent ?? '';
    });
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not come to ${String(name)}`);
}

test('production: by the keyboard, from the badge to a load that is typed for, and one that read-only refuses', async () => {
  await expect(page.locator('.frame')).toHaveCSS('border-top-width', '4px');
  await tabTo(/^About this org$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Practice org' })).toBeVisible();
  await expect(page.getByText('System Administrator')).toBeVisible();
  await expect(page.getByRole('row', { name: /Bulk API Hard Delete/ })).toContainText('no');
  await expect(page.getByRole('row', { name: /API calls in 24 hours/ })).toContainText('of 100,000');
  await takePicture(page, 'org-page');
  await zoomedIn();
  await nothingSticksOut();
  await expectAccessible(page, 'org-page-200', ['light']);
  await page.setViewportSize({ width: 1360, height: 860 });

  const rows = Array.from({ length: 12 }, (_, n) => `Production ${n}`);
  await dropBytes(page, [{ name: 'new.csv', bytes: Buffer.from(`Account Name\n${rows.join('\n')}\n`) }]);
  await openFileSummary(page);
  await page.getByLabel('Operation').selectOption('insert');
  await page.getByRole('button', { name: /^Map 1 column/ }).click();
  await page.getByRole('button', { name: /See the checks/ }).click();
  await page.getByRole('button', { name: /^Compare 12 rows/ }).click();
  const load = page.getByRole('button', { name: 'Load 12 changes' });
  await expect(load).toBeDisabled();
  const field = page.getByLabel('Type 12 or “Practice org” to load into production');
  await field.fill('11');
  await expect(load).toBeDisabled();
  await expectAccessible(page, 'plan-production');

  // The org is protected after all; what was typed is worth nothing then.
  await page.getByRole('button', { name: 'About this org' }).click();
  await page.getByRole('switch', { name: /^Read-only/ }).click();
  await expect(page.getByRole('button', { name: /^Production: Practice org.*read-only/ })).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByText('is read-only in Longshore, so you can’t load there')).toBeVisible();
  await expect(load).toBeDisabled();
  await page.getByRole('main').getByRole('button', { name: 'About this org' }).click();
  await page.getByRole('switch', { name: /^Read-only/ }).click();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await field.fill('practice org');
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await expect(page.locator('.ledger .total')).toContainText('12');
});

test('settings: hold at once, by the keyboard, at 200 %', async () => {
  await tabTo(/^Settings$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Settings', level: 2 })).toBeVisible();
  await takePicture(page, 'settings');
  await zoomedIn();
  await nothingSticksOut();
  await expectAccessible(page, 'settings-200', ['light']);
  await page.setViewportSize({ width: 1360, height: 860 });

  await page.getByLabel('Theme', { exact: true }).selectOption('dark');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.getByLabel('Numbers').selectOption('de-DE');
  const share = page.getByLabel(/^API calls a load may use/);
  await share.fill('0');
  await expect(page.getByText('Enter a whole number from 1 to 100')).toBeVisible();
  await share.fill('20');
  await share.press('Enter');
  await page.getByLabel('Proxy').selectOption('own');
  await page.getByLabel('Proxy address').fill('proxy.example:8080');
  await page.getByRole('button', { name: 'Use this proxy' }).click();
  await expect(page.getByText('Enter an address such as')).toBeVisible();
  await page.getByLabel('Proxy address').fill('http://me:word@proxy.example:8080');
  await page.getByRole('button', { name: 'Use this proxy' }).click();
  await expect(page.getByLabel('Proxy address')).toHaveValue('http://proxy.example:8080');
  await expect(page.getByText('Its username and password are kept in the keychain.')).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'About this org' }).click();
  await expect(page.getByRole('row', { name: /API calls in 24 hours/ })).toContainText('of 100.000');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(share).toHaveValue('20');
  await expect(page.getByLabel('Theme', { exact: true })).toHaveValue('dark');
  await expect(page.getByRole('button', { name: 'Copy path' })).toBeVisible();

  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(share).toHaveValue('20');
});
