import { appendFile, mkdir } from 'node:fs/promises';
import { expect, type Browser, type Locator, type Page } from '@playwright/test';
import { expectAccessible } from './actions.ts';
import { overlapsOf } from './capture-look.ts';
import { setScheme } from './kept-looks.ts';

const FOLDER = 'test-results/tour';

interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly forced?: true;
  readonly moving?: true;
}

/** Half the room in CSS pixels is what a zoom of 200 % leaves. */
const VIEWS: readonly View[] = [
  { name: '1024-light', width: 1024, height: 700, scheme: 'light' },
  { name: '1024-dark', width: 1024, height: 700, scheme: 'dark' },
  { name: 'forced', width: 1024, height: 700, scheme: 'light', forced: true },
  { name: 'zoom', width: 680, height: 430, scheme: 'light' },
  { name: '1440-light', width: 1440, height: 900, scheme: 'light' },
  { name: '1440-dark', width: 1440, height: 900, scheme: 'dark' },
  { name: '2560-light', width: 2560, height: 1440, scheme: 'light' },
  { name: '2560-dark', width: 2560, height: 1440, scheme: 'dark' },
  { name: 'moving', width: 1024, height: 700, scheme: 'light', moving: true },
];
export interface Looking {
  /** Gone in a moment: only the first pictures of it are taken. */
  readonly passing?: boolean;
  /** Brought into sight for each picture. */
  readonly at?: Locator;
  /** Opens what closes when the window changes its size. */
  readonly open?: () => Promise<void>;
}

const SMALL = { width: 1024, height: 700 };
const USUAL = { width: 1360, height: 860 };

/** Those that are asked for: all of them, or the ones that are named. */
const ASKED = process.env['LONGSHORE_TOUR'] ?? '';
const SEEN = VIEWS.filter(({ name }) => ASKED === 'all' || ASKED.split(',').includes(name));

/** Pictures that are seen side by side, each as wide as said. */
const SHEETS = {
  small: { '1024-light': 1024, '1024-dark': 1024, forced: 1024, zoom: 680 },
  large: { '1440-dark': 1440, '2560-light': 1440 },
} as const;
/** As far as a window is made longer to see all of a step at once. */
const LONGEST = 3600;

/** Takes a picture of every screen in every view, and notes what a machine sees of what is wrong there. */
export class Tour {
  readonly #sheets: Page;

  private constructor(sheets: Page) {
    this.#sheets = sheets;
  }

  static async open(browser: Browser): Promise<Tour> {
    await mkdir(FOLDER, { recursive: true });
    return new Tour(await (await browser.newContext()).newPage());
  }

  close(): Promise<void> {
    return this.#sheets.context().close();
  }

  /** Holds a screen to WCAG and to be whole; then all its views, only the first few of one that is gone in a moment. */
  async see(page: Page, screen: string, looking: Looking = {}): Promise<void> {
    await this.#check(page, screen, looking);
    if (SEEN.length > 0) await this.#views(page, screen, looking);
  }

  async #check(page: Page, screen: string, { passing = false, at, open }: Looking): Promise<void> {
    const before = page.viewportSize() ?? USUAL;
    await page.setViewportSize(SMALL);
    await open?.();
    await at?.scrollIntoViewIfNeeded();
    expect.soft(await faultsOf(page), `${screen} at ${SMALL.width} × ${SMALL.height}`).toEqual([]);
    // All of it at once: what the bar at the bottom lies over is a scroll away, and no fault. What closes with the size stays as it is.
    if (!open) await page.setViewportSize({ ...SMALL, height: SMALL.height + (await hiddenOf(page)) });
    await expectAccessible(page, `tour-${screen}`, passing ? ['light'] : ['light', 'dark']);
    if (open) await page.keyboard.press('Escape');
    await page.setViewportSize(before);
  }

  async #views(page: Page, screen: string, { passing = false, at, open }: Looking): Promise<void> {
    const before = page.viewportSize() ?? USUAL;
    const pictures: Record<string, Buffer> = {};
    for (const view of passing ? SEEN.slice(0, 2) : SEEN) {
      const { name, width, height, scheme, forced, moving } = view;
      await page.setViewportSize({ width, height });
      await page.emulateMedia({
        forcedColors: forced ? 'active' : 'none',
        reducedMotion: moving ? 'no-preference' : 'reduce',
      });
      await open?.();
      await at?.scrollIntoViewIfNeeded();
      await setScheme(page, scheme);
      pictures[name] = await page.screenshot({ path: `${FOLDER}/${screen}-${name}.png`, caret: 'hide' });
      if (scheme === 'light') await note(page, screen, name);
      if (open) await page.keyboard.press('Escape');
    }
    await setScheme(page, 'light');
    await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'reduce' });
    if (!passing && !open) await this.#whole(page, screen);
    await page.setViewportSize(before);
    for (const [sheet, parts] of Object.entries(SHEETS)) await this.#sheet(`${screen}.${sheet}`, parts, pictures);
  }

  /** A small window that is as long as what it shows. */
  async #whole(page: Page, screen: string): Promise<void> {
    await page.setViewportSize(SMALL);
    const hidden = await hiddenOf(page);
    if (hidden === 0) return;
    await page.setViewportSize({ ...SMALL, height: SMALL.height + hidden });
    await page.screenshot({ path: `${FOLDER}/${screen}-whole.png`, caret: 'hide' });
  }

  async #sheet(
    name: string,
    parts: Readonly<Record<string, number>>,
    pictures: Readonly<Record<string, Buffer>>,
  ): Promise<void> {
    const images = Object.entries(parts).flatMap(([view, width]) => {
      const png = pictures[view]?.toString('base64');
      return png === undefined ? [] : [`<img width="${width}" src="data:image/png;base64,${png}">`];
    });
    if (images.length === 0) return;
    const style = 'display:flex;align-items:flex-start;flex-wrap:wrap;gap:8px;margin:0;background:#888';
    await this.#sheets.setViewportSize({ width: name.endsWith('.small') ? 2056 : 1440, height: 700 });
    await this.#sheets.setContent(`<body style="${style}">${images.join('')}</body>`);
    await this.#sheets.screenshot({ path: `${FOLDER}/sheets/${name}.png`, fullPage: true });
  }
}

/** How much longer than the window a step is, in px, as far as a window is made longer for it. */
function hiddenOf(page: Page): Promise<number> {
  return page.evaluate((most) => {
    const main = document.querySelector('main');
    return main === null ? 0 : Math.min(most, main.scrollHeight - main.clientHeight);
  }, LONGEST - SMALL.height);
}

/** What is seen without eyes: words over words, words cut off, a page that scrolls sideways, a primary action out of sight. */
async function faultsOf(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => {
    const notes: string[] = [];
    const main = document.querySelector('main');
    if (main && main.scrollWidth > main.clientWidth)
      notes.push(`scrolls sideways by ${main.scrollWidth - main.clientWidth}`);
    for (const primary of document.querySelectorAll('main [data-primary]')) {
      const { bottom } = primary.getBoundingClientRect();
      if (innerHeight >= 700 && bottom > innerHeight)
        notes.push(`primary action below the fold by ${Math.round(bottom - innerHeight)}`);
    }
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (element.closest('.ag-root-wrapper, .skip, svg, .sample, input, .mantine-VisuallyHidden-root, .for-ears'))
        continue;
      if (element.children.length > 0) continue;
      const { overflowX } = getComputedStyle(element);
      if (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
        notes.push(`cut off: “${(element.textContent ?? '').slice(0, 60)}” (${element.tagName} ${element.className})`);
    }
    return notes;
  });
  return [...seen, ...(await overlapsOf(page))];
}

async function note(page: Page, screen: string, view: string): Promise<void> {
  const notes = await faultsOf(page);
  if (notes.length > 0)
    await appendFile(`${FOLDER}/notes.txt`, notes.map((text) => `${screen}, ${view}: ${text}\n`).join(''));
}
