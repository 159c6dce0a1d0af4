import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, type Browser, type Page } from '@playwright/test';
import { captureBoxes, captureThumbnail, overlapsOf, THUMBNAIL } from './capture-look.ts';
import { compareLooks, type Box, type BoxKind, type Look } from './compare-looks.ts';
import { readGreyPng, writeGreyPng, type GreyPicture } from './grey-png.ts';

const FOLDER = fileURLToPath(new URL('../looks/', import.meta.url));
/** In dark the parts lie where they lie in light: one size shows how dark looks. */
const VIEWS = [
  { width: 1024, height: 700, schemes: ['light'] },
  { width: 1360, height: 860, schemes: ['light', 'dark'] },
  { width: 2560, height: 1300, schemes: ['light'] },
] as const;
/** Instead of comparing, keeps what is seen. */
const RENEW = process.env['LONGSHORE_LOOKS'] === 'renew';

type Scheme = (typeof VIEWS)[number]['schemes'][number];

/** A screen as it is kept: `boxes` by size, a line each; its thumbnails are one picture, from top to bottom as seen. */
type Kept = Record<string, string[]>;

/** How screens look now and as they are kept in the repository: `e2e/looks/<screen>.json` and `.png`. */
export class Looks {
  readonly #shrinker: Page;

  private constructor(shrinker: Page) {
    this.#shrinker = shrinker;
  }

  static async open(browser: Browser): Promise<Looks> {
    return new Looks(await (await browser.newContext()).newPage());
  }

  close(): Promise<void> {
    return this.#shrinker.context().close();
  }

  /** Looks at a screen at three sizes, at one of them in dark, too, and says by failing what is unlike the kept one. */
  async see(page: Page, screen: string): Promise<void> {
    const before = page.viewportSize() ?? { width: 1360, height: 860 };
    const seen: { name: string; look: Look }[] = [];
    for (const { schemes, ...size } of VIEWS) {
      await page.setViewportSize(size);
      const boxes = await captureBoxes(page);
      expect.soft(await overlapsOf(page), `${screen} at ${size.width}: words over words`).toEqual([]);
      for (const scheme of schemes) {
        await setScheme(page, scheme);
        const thumbnail = await this.#picture(page, `${screen}-${size.width}-${scheme}`, size);
        seen.push({ name: `${scheme} at ${size.width}×${size.height}`, look: { ...size, boxes, thumbnail } });
      }
      await setScheme(page, 'light');
    }
    await page.setViewportSize(before);
    if (RENEW)
      return keep(
        screen,
        seen.map(({ look }) => look),
      );
    const kept = await recall(screen);
    seen.forEach(({ name, look }, at) => {
      const known = kept[at];
      expect.soft(known ? compareLooks(known, look) : ['it is not kept'], `${screen}, ${name}`).toEqual([]);
    });
  }

  /** What a comparison with the kept look says of the page as it is now, in light at the size it has. */
  async problemsOf(page: Page, screen: string): Promise<string[]> {
    const size = page.viewportSize() ?? { width: 0, height: 0 };
    const known = (await recall(screen)).find(({ width }) => width === size.width);
    if (!known) throw new Error(`${screen} is not kept at a width of ${size.width}`);
    const thumbnail = await this.#picture(page, `${screen}-proof`, size);
    const now = { ...size, boxes: await captureBoxes(page), thumbnail };
    return [...compareLooks(known, now), ...(await overlapsOf(page))];
  }

  async #picture(page: Page, file: string, size: Pick<Look, 'width' | 'height'>): Promise<GreyPicture> {
    const path = `test-results/looks/${file}.png`;
    const png = await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    return captureThumbnail(this.#shrinker, png, size);
  }
}

/** Resolves once the scheme is seen: a busy machine takes its picture of the frame before. */
export async function setScheme(page: Page, scheme: Scheme): Promise<void> {
  await page.evaluate(async (value) => {
    document.documentElement.setAttribute('data-mantine-color-scheme', value);
    for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, scheme);
}

async function keep(screen: string, looks: readonly Look[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const boxes: Kept = Object.fromEntries(
    looks.map(({ width, height, boxes: all }) => [`${width}×${height}`, all.map(lineOf)]),
  );
  await writeFile(`${FOLDER}${screen}.json`, `${JSON.stringify(boxes, null, 1)}\n`);
  const pixels = Buffer.concat(looks.map(({ thumbnail }) => thumbnail.pixels));
  const picture = { width: THUMBNAIL, height: pixels.length / THUMBNAIL, pixels };
  await writeFile(`${FOLDER}${screen}.png`, writeGreyPng(picture));
}

/** The kept looks in the order they are seen in; none for a screen that is not kept. */
async function recall(screen: string): Promise<Look[]> {
  const text = await readFile(`${FOLDER}${screen}.json`, 'utf8').catch(() => null);
  if (text === null) return [];
  const kept = JSON.parse(text) as Kept;
  const { pixels } = readGreyPng(await readFile(`${FOLDER}${screen}.png`));
  let from = 0;
  return VIEWS.flatMap(({ width, height, schemes }) =>
    schemes.map(() => {
      const down = Math.round((THUMBNAIL * height) / width);
      const part = pixels.subarray(from, (from += down * THUMBNAIL));
      const boxes = (kept[`${width}×${height}`] ?? []).map(boxOf);
      return { width, height, boxes, thumbnail: { width: THUMBNAIL, height: down, pixels: part } };
    }),
  );
}

function lineOf({ kind, name, x, y, width, height }: Box): string {
  return `${kind} ${x},${y} ${width}×${height} ${name}`;
}

function boxOf(line: string): Box {
  const [, kind = '', x, y, width, height, name = ''] = /^(\w+) (-?\d+),(-?\d+) (\d+)×(\d+) (.*)$/.exec(line) ?? [];
  return { kind: kind as BoxKind, name, x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
}
