import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, usePracticeOrg } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { Looks } from './support/kept-looks.ts';

/**
 * Every screen in its main states, at 1024 × 700, 1360 × 860 (in light and in dark) and 2560 × 1300, against how it is kept in
 * `e2e/looks`: where its parts, headings, buttons and fields lie (`.json`, CSS px) and thumbnails (`.png`, 96 px wide, from top to
 * bottom in that order). Compared loosely (`support/compare-looks.ts`): other fonts, other words and a line more are no
 * difference; a missing stylesheet, a part that has moved by 200 px, or words over words are.
 *
 * After a change of looks that is wanted, keep them anew, look at what changed, and commit it:
 *
 *     npm run build && LONGSHORE_LOOKS=renew npx playwright test looks.spec.ts && git diff --stat e2e/looks
 *
 * Pictures at full size are in `test-results/looks` after each run.
 */

const accounts = fileURLToPath(new URL('../examples/accounts.csv', import.meta.url));
const ANY_CALL = '/services/';

test('every screen looks as it is kept', async ({ browser }) => {
  test.setTimeout(240_000);
  const looks = await Looks.open(browser);
  const app = await startBrowserHost(browser);
  const { page } = app;
  const see = async (screen: string, axe = false) => {
    await looks.see(page, screen);
    if (axe) await expectAccessible(page, `looks-${screen}`, ['light']);
  };
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const strike = (path: string, action: object) => app.faults([{ path, every: 1, action }]);

  await expect(page.getByText('Drop a CSV anywhere')).toBeVisible();
  await see('home-empty');
  await brokenLooksAreFound(looks, page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await see('help');
  await page.keyboard.press('Escape');
  await button('Connect an org').click();
  await expect(page.getByRole('heading', { name: 'Practice org' }).first()).toBeVisible();
  await see('connect');
  await usePracticeOrg(app);

  await button('About this org').click();
  await expect(page.getByText('System Administrator')).toBeVisible();
  await see('org');
  await button('Settings').click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 2 })).toBeVisible();
  await see('settings');

  await strike(ANY_CALL, { kind: 'reset', when: 'before' });
  await app.drop([accounts]);
  await expect(page.getByText('5,000 rows, 21 columns')).toBeVisible();
  await expect(page.getByRole('alert')).toBeVisible();
  await see('source-org-out-of-reach', true);
  await app.faults([]);
  await button('Try again').click();
  await expect(button('Map 21 columns')).toBeEnabled();
  await expect(page.locator('.column-header small').first()).toBeVisible();
  // The checks of the suggested mapping come by themselves.
  await expect(page.getByRole('navigation', { name: 'Steps of this load' })).toContainText('not sent');
  await see('source');
  await page.getByLabel('Search in all columns').fill('nothing like it');
  // The same words are told to ears a moment later, in a place of their own.
  await expect(page.locator('.ag-overlay-no-rows-center')).toHaveText('No rows match.');
  await see('source-nothing-found');
  await page.getByLabel('Search in all columns').fill('');

  await button('Map 21 columns').click();
  await expect(page.getByText('20 of 21 columns mapped to Account')).toBeVisible();
  await see('mapping');
  await page.getByRole('combobox', { name: 'Field for ERP Id' }).click();
  await expect(page.getByRole('option', { name: /Account Number/ })).toBeVisible();
  await expectAccessible(page, 'looks-mapping-list', ['light']);
  await inDark(page, async () => {
    // The window's own band, and not the grey that lists come with.
    await expect(page.locator('.mantine-Select-dropdown:visible')).toHaveCSS('background-color', 'rgb(30, 41, 50)');
  });
  await page.keyboard.press('Escape');
  await button(/See the checks/).click();
  await expect(page.getByRole('heading', { name: /^34 rows of 5,000/ })).toBeVisible();
  await expect(page.getByText('Duplicates with different data')).toBeVisible();
  await see('checks');

  await strike(ANY_CALL, { kind: 'reset', when: 'before' });
  await button(/^Compare [\d,]+ rows/).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await see('plan-org-out-of-reach', true);
  await strike('/query', { kind: 'delay', milliseconds: 30_000 });
  await button('Build the plan again').click();
  await expect(page.getByRole('heading', { name: 'Comparing with Practice org' })).toBeVisible();
  await see('plan-comparing');
  await app.faults([]);
  await button('Stop').click();
  await button(/^Compare [\d,]+ rows/).click();
  const load = button(/^Load [\d,]+ changes/);
  await expect(load).toBeVisible();
  await expect(page.getByRole('gridcell', { name: 'ERP-100001' })).toBeVisible();
  await see('plan');
  await inDark(page, () => expect(page.locator('.ag-root-wrapper')).toHaveCSS('color-scheme', 'dark'));

  const message = 'TotalRequests Limit exceeded.';
  await strike('/jobs/ingest', { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message });
  await load.click();
  await expect(page.getByRole('alert')).toBeVisible();
  await see('load-paused');
  await button('Longshore home').click();
  await expect(button('See and resume')).toBeVisible();
  await see('home');
  await app.faults([]);
  await button('See and resume').click();
  await button(/^Resume/).click();
  await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
  await see('report');

  await button('Longshore home').click();
  await button('Export records').click();
  await page.getByRole('textbox', { name: 'SOQL' }).fill("SELECT Id, Name FROM Account WHERE Name LIKE 'A%'");
  await expect(page.getByText(/records, about \d+ API calls? by REST API\.$/)).toBeVisible();
  await see('export');
  await button('Back').click();
  await button('History').click();
  await expect(page.getByText(/^1 load, .* on disk$/)).toBeVisible();
  await see('history');
  await button('Longshore home').click();
  await button('Merge duplicates in the org').click();
  await expect(page.getByLabel('Object', { exact: true })).toHaveValue('Account');
  await see('merge');

  await app.kill();
  await expect(page.locator('.reach')).toContainText('Longshore is not responding.');
  await see('out-of-reach');
  await app.close();
  await looks.close();
});

async function inDark(page: Page, look: () => Promise<void>): Promise<void> {
  const scheme = (value: string) =>
    page.evaluate((to) => document.documentElement.setAttribute('data-mantine-color-scheme', to), value);
  await scheme('dark');
  await look();
  await scheme('light');
}

/** What breaks a look, done by hand to a screen that is as it is kept; and what does not. */
async function brokenLooksAreFound(looks: Looks, page: Page): Promise<void> {
  const problemsWith = async (change: () => void): Promise<string[]> => {
    await page.evaluate(change);
    const problems = await looks.problemsOf(page, 'home-empty');
    await page.reload();
    await expect(page.locator('main h2').first()).toBeVisible();
    return problems;
  };
  expect(await problemsWith(() => undefined), 'as it is').toEqual([]);
  const otherFont = () => document.body.style.setProperty('font-family', '"DejaVu Serif", "Noto Serif CJK JP", serif');
  expect(await problemsWith(otherFont), 'another font').toEqual([]);

  const withoutStyles = () => document.querySelectorAll('link[rel="stylesheet"], style').forEach((one) => one.remove());
  expect((await problemsWith(withoutStyles)).join('\n'), 'no stylesheet').toContain('part “header.bar” is');
  const movedPart = () => document.querySelector<HTMLElement>('main .panel')?.style.setProperty('translate', '200px');
  expect((await problemsWith(movedPart)).join('\n'), 'a part 200 px off').toMatch(/part “\S+” lies at/);
  const overlapping = () =>
    document.querySelector<HTMLElement>('main h2 + p')?.style.setProperty('margin-top', '-24px');
  expect((await problemsWith(overlapping)).join('\n'), 'words over words').toContain('lie over each other');
}
