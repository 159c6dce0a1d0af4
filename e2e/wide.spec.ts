import { writeFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { startBrowserHost } from './support/browser-host.ts';
import { expectAccessible, TAKES_PICTURES, takePicture, usePracticeOrg } from './support/actions.ts';

const COLUMNS = 300;
const LONG = `A name of two hundred characters ${'and more of it '.repeat(12)}`.trim().slice(0, 200);
const NAMES = ['Last Name', 'First Name', 'Email', 'Birthdate', LONG, 'اسم الشركة', 'Never filled'];
const HEADER = [...NAMES, ...Array.from({ length: COLUMNS - NAMES.length }, (_, at) => `Remark ${at}`)];
const SIZES = [
  { width: 1024, height: 700 },
  { width: 1440, height: 900 },
  { width: 2560, height: 1440 },
];

function row(n: number): string {
  const own = [
    `Name ${n}`,
    n % 5 === 0 ? '' : 'Ann',
    `a${n}@example.com`,
    n === 7 ? 'soon' : `1990-01-${10 + (n % 9)}`,
  ];
  return [...own, `x ${n}`, 'شركة', '', ...Array.from({ length: COLUMNS - NAMES.length }, () => 'y')].join(',');
}

/** Counts in `window.stylesAdded` the styles that come to the page: each makes it work out those of all its elements. */
async function watchStyles(page: Page): Promise<void> {
  await page.evaluate(`
    window.stylesAdded = 0;
    new MutationObserver((records) => {
      for (const { addedNodes } of records)
        for (const node of addedNodes) if (node.nodeName === 'STYLE') window.stylesAdded++;
    }).observe(document.head, { childList: true });
  `);
}

async function shots(page: Page, name: string): Promise<void> {
  if (!TAKES_PICTURES) return;
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const scheme of ['light', 'dark']) {
      await page.evaluate((value) => document.documentElement.setAttribute('data-mantine-color-scheme', value), scheme);
      await takePicture(page, `${name}-${size.width}-${scheme}`);
    }
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'light'));
  await page.setViewportSize({ width: 1024, height: 700 });
}

test('a file of 300 columns: each says how it is, and the mapping is there at once and whole', async ({
  browser,
}, info) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  await page.setViewportSize({ width: 1024, height: 700 });
  await usePracticeOrg(app);
  const path = info.outputPath('wide.csv');
  const rows = Array.from({ length: 500 }, (_, at) => row(at + 1));
  await writeFile(path, `${[HEADER.join(','), ...rows].join('\n')}\n`);
  await app.drop([path]);
  await expect(page.getByText('500 rows, 300 columns')).toBeVisible();

  await test.step('headers say how the columns in view are, in words and for ears', async () => {
    const header = (column: number) => page.locator(`.ag-header-cell[col-id="c${column}"]`);
    await expect(header(0)).toContainText('no blanks, all different.');
    await expect(header(1).locator('small')).toContainText('20% blank');
    await expect(header(3)).toContainText('1 not a date');
    await takePicture(page, 'wide-source');
    await shots(page, 'wide-source');
    await page.locator('.ag-row[row-index="0"] [col-id="c0"]').click();
    await page.keyboard.press('End');
    await expect(header(COLUMNS - 1)).toContainText('1 value');
    // Cells far away are drawn when the grid has scrolled to them: until then there is none to go on from.
    const place = page.locator('.ag-cell:focus');
    await page.keyboard.press('Home');
    await expect(place).toHaveAttribute('aria-colindex', /^[1-3]$/);
    let column = Number(await place.getAttribute('aria-colindex'));
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('ArrowRight');
      await expect(place).toHaveAttribute('aria-colindex', String(++column));
    }
    await expect(header(6)).toContainText('all blank');
    await shots(page, 'wide-source-middle');
  });

  await test.step('a column stays as wide as it was made, whatever is drawn anew', async () => {
    const header = page.locator('.ag-header-cell[col-id="c3"]');
    const width = async () => (await header.boundingBox())?.width ?? 0;
    const edge = await header.locator('.ag-header-cell-resize').boundingBox();
    if (!edge) throw new Error('the column has no edge to pull');
    const before = await width();
    await page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height / 2);
    await page.mouse.down();
    await page.mouse.move(edge.x + edge.width / 2 + 80, edge.y + edge.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect.poll(width).toBeCloseTo(before + 80, -1);
    const search = page.getByRole('textbox', { name: 'Search in all columns' });
    await search.fill('Ann');
    await expect(page.getByText('400 rows of 500')).toBeVisible();
    expect(await width()).toBeCloseTo(before + 80, -1);
    await search.fill('');
    await expect(page.getByText('400 rows of 500')).toBeHidden();
  });

  await test.step('in forced colours the bar is seen, too', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await takePicture(page, 'wide-source-forced');
    await page.emulateMedia({ forcedColors: 'none' });
  });

  await watchStyles(page);
  await page.getByRole('button', { name: 'Map 300 columns' }).click();
  const table = page.locator('table.mapping');
  const pickers = table.getByRole('combobox', { name: /^Field for / });

  await test.step('what needs someone comes first; rows far away are not drawn, and are counted all the same', async () => {
    await expect(table).toHaveAttribute('aria-rowcount', String(COLUMNS + 1));
    await expect(page.getByText('Columns that are not loaded come first')).toBeVisible();
    await expect(table.locator('tr[data-unmapped]').first()).toHaveAttribute('data-unmapped', 'true');
    expect(await pickers.count()).toBeLessThan(80);
    await expect(page.getByRole('button', { name: 'Show all of it' })).toBeVisible();
    expect(await page.locator('[role="option"]').count(), 'lists that nobody opened').toBe(0);
    expect(await page.evaluate('window.stylesAdded'), 'passes over the styles of the whole page').toBe(0);
    await expectAccessible(page, 'wide-mapping', ['light']);
    await shots(page, 'wide-mapping');
  });

  await test.step('Tab goes through every row, and back from what follows to the last one', async () => {
    await pickers.first().focus();
    const seen = new Set<number>();
    for (let presses = 0; presses < 60; presses++) {
      const place = await page.evaluate(() =>
        Number(document.activeElement?.closest('tr')?.getAttribute('aria-rowindex') ?? 0),
      );
      if (place > 0) {
        seen.add(place);
        // Rows are drawn when the view comes near: the next one is there before a person could press again.
        await table.locator(`tr[aria-rowindex="${place + 1}"]`).waitFor({ state: 'attached' });
      }
      await page.keyboard.press('Tab');
    }
    const places = [...seen];
    expect(places).toEqual(Array.from({ length: places.length }, (_, at) => at + 2));
    expect(places.length).toBeGreaterThan(15);
    await page.getByRole('button', { name: 'Back' }).focus();
    await page.keyboard.press('Shift+Tab');
    await expect(page.locator(':focus').locator('xpath=ancestor::tr')).toHaveAttribute(
      'aria-rowindex',
      String(COLUMNS + 1),
    );
  });

  await test.step('a column that came by scrolling is mapped, and stays where it is', async () => {
    const far = table.locator('tr[aria-rowindex="100"]');
    // Rows have no height to count on: a person scrolls up from the end until it is there.
    const goesUp = () =>
      page.locator('.main').evaluate(
        (main) =>
          new Promise<boolean>((resolve) => {
            const before = main.scrollTop;
            main.scrollBy(0, -400);
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(main.scrollTop < before)));
          }),
      );
    const isInView = () =>
      far.evaluateAll((rows) =>
        rows.some(
          (one) => one.getBoundingClientRect().top > 150 && one.getBoundingClientRect().bottom < innerHeight - 100,
        ),
      );
    while (!(await isInView())) expect(await goesUp(), 'the list ends before row 100').toBe(true);
    const field = far.getByRole('combobox');
    await field.click();
    await page.keyboard.type('department');
    await page
      .getByRole('option', { name: /^Department/ })
      .first()
      .click();
    await expect(far).toHaveAttribute('data-unmapped', 'false');
    await expect(field).toHaveValue('Department (Department)');
    await expect(field).toBeFocused();
  });
  await app.close();
});
