import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { openFileSummary } from './actions.ts';
import { startBrowserHost, type BrowserApp } from './browser-host.ts';
import { Tour, type Looking } from './tour.ts';

export const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

/** A walk is long, and longer with its pictures. */
const TAKES = process.env['LONGSHORE_TOUR'] ? 900_000 : 300_000;

interface Walk {
  readonly app: BrowserApp;
  readonly page: Page;
  /** Holds a screen to what every one is held to; with a picture in every view where they are asked for. */
  readonly see: (screen: string, options?: Looking) => Promise<void>;
  readonly click: (name: string | RegExp) => Promise<void>;
  readonly drop: (name: string, content: string) => Promise<void>;
}

/**
 * A walk through screens and their states, all of them over the walks (`*-tour.spec.ts`), each held to WCAG in both themes and to be
 * whole. For pictures of each to be looked at by a person, in light and dark, at three sizes, at a zoom of 200 %, in forced colours and
 * with motion:
 *
 *     npm run build && LONGSHORE_TOUR=all npx playwright test tour.spec.ts
 *
 * Pictures are in `test-results/tour`, side by side in its `sheets`; what a machine sees of what is wrong in any view is in its
 * `notes.txt`. `-g` takes one of the walks alone, `LONGSHORE_TOUR=1024-light,1440-dark` some of the views.
 */
export function walk(name: string, rowsPerSecond: number, go: (walk: Walk) => Promise<void>): void {
  test(name, async ({ browser }, info) => {
    test.setTimeout(TAKES);
    const tour = await Tour.open(browser);
    const app = await startBrowserHost(browser, { rowsPerSecond });
    const { page } = app;
    page.setDefaultTimeout(20_000);
    await go({
      app,
      page,
      see: (screen, options) => tour.see(page, screen, options),
      click: (button) => page.getByRole('button', { name: button }).first().click(),
      drop: async (file, content) => {
        await writeFile(info.outputPath(file), content);
        await app.drop([info.outputPath(file)]);
      },
    });
    await app.close();
    await tour.close();
  });
}

export const heading = (page: Page, name: string | RegExp) => expect(page.getByRole('heading', { name })).toBeVisible();
export const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name });

export async function toChecks({ page, click }: Walk, operation?: string): Promise<void> {
  if (operation) {
    await openFileSummary(page);
    await page.getByLabel('Operation').selectOption(operation);
  }
  await click(/^Map \d+ column/);
  await click(/See the checks/);
  await heading(page, /rows? of|Every row/);
}

export async function toPlan(going: Walk, operation?: string): Promise<void> {
  await toChecks(going, operation);
  await going.click(/^Compare/);
  await expect(going.page.getByRole('button', { name: /^Load [\d,]+ change|^Delete [\d,]+ / }).last()).toBeVisible();
}
