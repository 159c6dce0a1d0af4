import axe from 'axe-core';
import { expect, type Page } from '@playwright/test';
import { allowOnPages } from '../../electron/hosts/test-support/browser-host-process.ts';
import type { LongshoreApp } from './window.ts';

/** Signs in to the practice org, its forms sent as its pages send them: drawing those costs a journey seconds. */
export async function usePracticeOrg(app: LongshoreApp): Promise<void> {
  await app.page.getByRole('button', { name: 'Use the practice org' }).click();
  await allowOnPages(await app.signInAddress());
}

/** Signs in to the practice org through its real pages, as a person does. */
export async function signInByHand(app: LongshoreApp): Promise<void> {
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

/** Opens the line of the mapping that says how rows are matched and sent. */
export async function openMappingOptions(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'How rows are loaded' })
    .getByRole('button', { name: /Change$/ })
    .click();
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

/** Pictures are for people: `npm test`, which nobody watches, does without them (scripts/test.ts). */
export const TAKES_PICTURES = process.env['LONGSHORE_PICTURES'] !== 'no';

/** Keeps how a screen looks now in `test-results/screens`. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (TAKES_PICTURES) await page.screenshot({ path: `test-results/screens/${name}.png` });
}

const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Those of them that look at colours (axe-core, doc/rule-descriptions.md): all that another colour scheme can change. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * 0 violations of WCAG 2.2 A and AA, in the first scheme by every rule and in the next by those that look at colours. Costs a second or two
 * of a processor: the walks (`*-tour.spec.ts`) hold every state to it once, a journey only what no walk comes to.
 */
export async function expectAccessible(
  page: Page,
  screen: string,
  schemes: readonly ('light' | 'dark')[] = ['light', 'dark'],
): Promise<void> {
  for (const scheme of schemes) {
    await page.evaluate((value) => document.documentElement.setAttribute('data-mantine-color-scheme', value), scheme);
    const found = await violationsOf(
      page,
      scheme === schemes[0] ? { type: 'tag', values: WCAG_22_AA } : { type: 'rule', values: OF_COLOURS },
    );
    expect.soft(found, `${screen} in ${scheme}`).toEqual([]);
    await takePicture(page, `${screen}-${scheme}`);
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'light'));
}

/** What axe finds in a page, which has no frames; its code, half a megabyte, is read once a page. */
async function violationsOf(page: Page, runOnly: axe.RunOnly): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    const { axe: own } = window as unknown as { axe: typeof axe };
    const { violations } = await own.run(document, { runOnly: rules, resultTypes: ['violations'] });
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`)
          .join(' | ')}`,
    );
  }, runOnly);
}
