import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { LongshoreApp } from './window.ts';

/** Signs in to the practice org through its real pages, as a person does. */
export async function usePracticeOrg(app: LongshoreApp): Promise<void> {
  await app.page.getByRole('button', { name: 'Use the practice org' }).click();
  await allow(await app.signInPage());
}

/** Answers the org's own pages. */
export async function allow(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
  await page.close();
}

/** Opens what the line above the rows is about: how the file was read, and what it is for. */
export async function openFileSummary(page: Page): Promise<void> {
  const line = page.getByRole('region', { name: 'About this file' }).getByRole('button', { name: /Change$/ });
  await line.click();
  await expect(page.getByLabel('Operation')).toBeVisible();
}

/** Tab presses after which a control is held to be out of reach. */
const MOST_TABS = 80;

/** Goes to a control as a keyboard does, by Tab alone. */
export async function tabTo(
  page: Page,
  role: 'button' | 'combobox' | 'searchbox',
  name: string | RegExp,
): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  await expect(wanted).toBeEnabled();
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${MOST_TABS} presses of Tab don't lead to ${String(name)}`);
}

/** 0 violations of WCAG 2.2 A and AA, in light and in dark. */
export async function expectAccessible(
  page: Page,
  screen: string,
  schemes: readonly ('light' | 'dark')[] = ['light', 'dark'],
): Promise<void> {
  for (const scheme of schemes) {
    await page.evaluate((value) => document.documentElement.setAttribute('data-mantine-color-scheme', value), scheme);
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`)
          .join(' | ')}`,
    );
    expect.soft(found, `${screen} in ${scheme}`).toEqual([]);
    await page.screenshot({ path: `test-results/screens/${screen}-${scheme}.png` });
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'light'));
}
