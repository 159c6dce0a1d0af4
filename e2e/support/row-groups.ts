import { expect, type Locator, type Page } from '@playwright/test';

/** A step in the rail. */
export const rail = (page: Page, step: string): Locator =>
  page.getByRole('navigation', { name: 'Steps of this load' }).getByRole('button').filter({ hasText: step });

/** Rows by group, as the screen shows them. */
export async function groupsOf(page: Page, within: string): Promise<Record<string, number>> {
  const shown = await page.locator(`${within} [data-group]`).evaluateAll((elements) =>
    elements.map((element) => [
      (element as HTMLElement).dataset['group'] ?? '',
      // The number comes last, in a chip as in a ledger's row.
      Number((element.lastElementChild?.textContent ?? '').replaceAll(',', '')),
    ]),
  );
  return Object.fromEntries(shown) as Record<string, number>;
}

export async function toPlan(page: Page): Promise<void> {
  await rail(page, 'Plan').click();
  await expect(page.getByRole('button', { name: /^Load [\d,]+ changes?/ })).toBeVisible();
}
