import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, tabTo } from './support/actions.ts';
import { HOSTS } from './support/hosts.ts';

const CONTACTS = fileURLToPath(new URL('../examples/contacts.csv', import.meta.url));

/**
 * Whoever comes to a step begins at its heading, with the window's title saying where that is, and finds the same landmarks: the org
 * above, the steps with this one marked, and the step with the one thing to do next.
 */
async function expectStep(page: Page, step: string, heading: RegExp): Promise<void> {
  const title = page.locator('main h2').first();
  await expect(title).toHaveText(heading);
  await expect(title).toBeFocused();
  await expect
    .poll(async () => (await page.title()).split(' · '))
    .toEqual([step, 'contacts.csv', expect.any(String), 'Longshore']);
  await expect(page.getByRole('banner').getByRole('heading', { level: 1 })).toHaveText(/Contact/);
  const steps = page.getByRole('navigation', { name: 'Steps of this load' });
  await expect(steps.locator('[aria-current]')).toContainText(step);
  await expect(steps.getByRole('button')).toHaveCount(6);
  await expect(page.getByRole('main').locator('button[data-primary]')).toHaveCount(1);
  await expect(page.getByRole('main').locator('button[data-primary]')).toHaveAccessibleName(/\S/);
}

for (const host of HOSTS) {
  test(`${host.name}: from the file to the report by key presses alone`, async ({ browser }) => {
    const app = await host.start(browser);
    const { page } = app;
    await page.setViewportSize({ width: 1024, height: 700 });
    const { keyboard } = page;
    await tabTo(page, 'button', 'Use the practice org');
    await keyboard.press('Enter');
    const signIn = await app.signInPage();
    await tabTo(signIn, 'button', 'Log In');
    await signIn.keyboard.press('Enter');
    await tabTo(signIn, 'button', 'Allow');
    await signIn.keyboard.press('Enter');
    await expect(signIn.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
    await signIn.close();
    await expect(page.getByRole('button', { name: 'Manage orgs' })).toBeVisible();

    await test.step('the shortcuts are listed, and the list goes with Esc', async () => {
      await keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      await expectAccessible(page, 'keys-help', ['light']);
      await keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    });

    await test.step('a file opens', async () => {
      await tabTo(page, 'button', 'Choose a file');
      await app.choose([CONTACTS], () => keyboard.press('Enter'));
      await expectStep(page, 'Source', /contacts\.csv/);
      await expectAccessible(page, 'keys-source', ['light']);
    });

    await test.step('the table is one stop for Tab, and the arrows move in it', async () => {
      await keyboard.press('Control+f');
      await expect(page.getByLabel('Search in all columns')).toBeFocused();
      await tabTo(page, 'button', /^Clean/);
      await keyboard.press('Tab');
      const grid = page.getByRole('region', { name: /rows/i });
      const inGrid = () => grid.evaluate((element) => element.contains(document.activeElement));
      // The grid hands the focus on to one of its cells in its own time: until then it would take it back from whoever has it next.
      const cell = grid.locator('[role="gridcell"]:focus, [role="columnheader"]:focus');
      const stands = () => cell.evaluate((element) => element.textContent ?? '');
      expect(await inGrid()).toBe(true);
      const first = await stands();
      await keyboard.press('ArrowRight');
      await expect.poll(stands).not.toBe(first);
      expect(await inGrid()).toBe(true);
      await keyboard.press('Tab');
      expect(await inGrid()).toBe(false);
      await keyboard.press('Shift+Tab');
      expect(await inGrid()).toBe(true);
      await expect(cell).toHaveCount(1);
    });

    await test.step('F6 goes around the parts of the window', async () => {
      const region = () => page.evaluate(() => document.activeElement?.closest('[data-region]')?.tagName ?? '');
      await keyboard.press('Control+f');
      await expect(page.locator('main [data-search]').first()).toBeFocused();
      const seen = [];
      for (let presses = 0; presses < 3; presses++) {
        await keyboard.press('F6');
        seen.push(await region());
      }
      expect(seen).toEqual(['HEADER', 'NAV', 'MAIN']);
      await keyboard.press('Shift+F6');
      expect(await region()).toBe('NAV');
    });

    await test.step('from step to step', async () => {
      await keyboard.press('Control+Enter');
      await expectStep(page, 'Mapping', /11 of 11 columns mapped to Contact/);
      await expectAccessible(page, 'keys-mapping', ['light']);
      await expect(page.getByRole('button', { name: /See the checks/ })).toBeEnabled();
      await keyboard.press('Control+Enter');
      await expectStep(page, 'Checks', /needs? a fix|Every row/);
      await expectAccessible(page, 'keys-checks', ['light']);
      await keyboard.press('Control+Enter');
      const load = page.getByRole('button', { name: /^Load [\d,]+ changes/ });
      await expect(load).toBeVisible();
      await expectStep(page, 'Plan', /./);
      await expectAccessible(page, 'keys-plan', ['light']);
    });

    await test.step('the button that writes is gone to, and pressed by itself', async () => {
      await keyboard.press('Control+Enter');
      await expect(page.getByRole('button', { name: /^Load [\d,]+ changes/ })).toBeFocused();
      await keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'Every row, once' })).toBeVisible();
      await expectStep(page, 'Report', /./);
      await expectAccessible(page, 'keys-report', ['light']);
    });

    await test.step('settings, and back with Esc', async () => {
      await tabTo(page, 'button', 'Settings');
      await keyboard.press('Enter');
      await expect(page.locator('main h2').first()).toBeFocused();
      await keyboard.press('Escape');
      await expectStep(page, 'Report', /./);
      await keyboard.press('F6');
      await keyboard.press('F6');
    });
    await app.close();
  });
}
