import type { Page } from '@playwright/test';
import type { Box } from './compare-looks.ts';
import type { GreyPicture } from './grey-png.ts';

/** Pixels across a thumbnail, and the levels of grey it has. */
export const THUMBNAIL = 96;
const LEVELS = 16;

/** Where the parts of a window lie that are in sight, top first. Rounded to 4 px. */
export function captureBoxes(page: Page): Promise<Box[]> {
  return page.evaluate(() => {
    const PARTS =
      'header.bar, nav.rail, main, main section, .panel, .grid, .rows, .side, .drop, .actions, .notice, .failure, .group, .chips, .reach-line, table.list, dialog[open], [role="menu"], [role="listbox"]';
    const kinds = [
      ['part', PARTS],
      ['heading', 'h1, h2, h3'],
      ['button', 'button, [role="button"], [role="menuitem"]'],
      ['field', 'input:not([type="hidden"]), select, textarea'],
    ] as const;
    const normal = (text: string) =>
      text
        .replace(/[\d.,:]*\d/g, '#')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 40);
    const nameOf = (element: Element, kind: string) => {
      // By its class rather than its label: words change.
      if (kind === 'part') return `${element.tagName.toLowerCase()}.${element.classList[0] ?? ''}`;
      if (kind === 'field') return element.getAttribute('aria-label') ?? element.tagName.toLowerCase();
      return element.getAttribute('aria-label') ?? element.textContent ?? '';
    };
    const round = (value: number) => Math.round(value / 4) * 4;
    const boxes = kinds.flatMap(([kind, selector]) =>
      [...document.querySelectorAll(selector)].flatMap((element) => {
        // What the grid makes inside itself is its own, and dozens of rows say no more than the first ones.
        if (element.closest('.ag-root-wrapper') || element.closest('tr:nth-child(n + 9), li:nth-child(n + 13)'))
          return [];
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return [];
        const { x, y, width, height } = element.getBoundingClientRect();
        if (width < 4 || height < 4 || y >= innerHeight || y + height <= 0 || x + width <= 0) return [];
        const name = normal(nameOf(element, kind));
        return [{ kind, name, x: round(x), y: round(y), width: round(width), height: round(height) }];
      }),
    );
    return boxes.sort((a, b) => a.y - b.y || a.x - b.x);
  });
}

/** Words that lie over other words, as what a person would see of both. */
export function overlapsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    /** What lies in one of these is over the rest on purpose; each is compared within itself. */
    const LAYERS = '.actions, .bar, dialog, .overlay, [role="menu"], [role="listbox"], .ag-root-wrapper, .skip';
    /** What is seen of a box: a cell shows its first lines alone, and a list what is scrolled to. */
    const seenOf = (element: Element | null, box: DOMRect): DOMRect => {
      if (!element || element === document.body) return box;
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const isCut = getComputedStyle(element).overflow !== 'visible';
      const [x, y] = isCut ? [Math.max(box.left, left), Math.max(box.top, top)] : [box.left, box.top];
      const width = (isCut ? Math.min(box.right, right) : box.right) - x;
      const height = (isCut ? Math.min(box.bottom, bottom) : box.bottom) - y;
      return seenOf(element.parentElement, new DOMRect(x, y, Math.max(0, width), Math.max(0, height)));
    };
    const words: { node: Node; text: string; layer: Element | null; box: DOMRect }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (!element || (node.textContent ?? '').trim() === '' || element.closest('.ag-root-wrapper, .skip, option'))
        continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const whole of range.getClientRects()) {
        const box = seenOf(element, whole);
        if (box.width < 3 || box.height < 3 || box.bottom < 0 || box.top > innerHeight) continue;
        words.push({ node, text: (node.textContent ?? '').trim().slice(0, 30), layer: element.closest(LAYERS), box });
      }
    }
    return words.flatMap((one, index) =>
      words.slice(index + 1).flatMap((other) => {
        // Lines of one text that is cut off have boxes where they would be, not where they are.
        if (one.layer !== other.layer || one.node === other.node) return [];
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Lines of a text may touch; letters that share a third of their height can't be read.
        const least = Math.min(one.box.height, other.box.height);
        return wide > 4 && high > least * 0.35 ? [`“${one.text}” and “${other.text}” lie over each other`] : [];
      }),
    );
  });
}

/** Makes thumbnails in a page of its own: the app's own page lets no picture in from elsewhere. */
export async function captureThumbnail(
  shrinker: Page,
  png: Buffer,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<GreyPicture> {
  const down = Math.round((THUMBNAIL * height) / width);
  const grey = await shrinker.evaluate(
    async ({ base64, across, down, levels }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(across, down).getContext('2d');
      if (!context) throw new Error('no canvas');
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture, 0, 0, across, down);
      const { data } = context.getImageData(0, 0, across, down);
      return Array.from({ length: across * down }, (_one, at) => {
        const [red = 0, green = 0, blue = 0] = data.subarray(at * 4, at * 4 + 3);
        const level = Math.round(((0.299 * red + 0.587 * green + 0.114 * blue) / 255) * (levels - 1));
        return Math.round((level * 255) / (levels - 1));
      });
    },
    { base64: png.toString('base64'), across: THUMBNAIL, down, levels: LEVELS },
  );
  return { width: THUMBNAIL, height: down, pixels: Uint8Array.from(grey) };
}
