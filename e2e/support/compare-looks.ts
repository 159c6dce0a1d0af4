import type { GreyPicture } from './grey-png.ts';

/** What kind of thing a box is: a part of the window, a heading, something to press, something to fill in. */
export type BoxKind = 'part' | 'heading' | 'button' | 'field';

/** Where something lies, in CSS px from the window's corner. Its name has # for every number. */
export interface Box {
  readonly kind: BoxKind;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a screen looks at one size and in one scheme: where its parts lie, and a thumbnail. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly thumbnail: GreyPicture;
}

/**
 * How far things may lie from where they were: px, and a share of the window or of themselves. Fonts of another machine and a
 * sentence that takes a line or two more move and stretch things by less; what is broken moves them by more.
 */
const MAY_MOVE = { px: 64, share: 0.05 };
const MAY_STRETCH = { px: 80, share: 0.3 };
/** This share of boxes may have come or gone: buttons that only sometimes are there. */
const MAY_DIFFER = 0.15;
/** Of 255 levels of grey: the whole thumbnail, and any square of it. */
const MEAN_BOUND = 14;
const SQUARE_BOUND = 110;
const SQUARE = 8;

/** What is unlike in a sentence each; empty for two looks that are alike. */
export function compareLooks(kept: Look, now: Look): string[] {
  if (kept.width !== now.width || kept.height !== now.height) return ['the window has another size'];
  return [...compareBoxes(kept, now), ...compareThumbnails(kept.thumbnail, now.thumbnail)];
}

function compareBoxes(kept: Look, now: Look): string[] {
  const { pairs, gone, come } = pairUp(kept.boxes, now.boxes);
  const problems = pairs.flatMap(([before, after]) => {
    const far = (a: number, b: number, whole: number) => Math.abs(a - b) > MAY_MOVE.px + whole * MAY_MOVE.share;
    const wide = (a: number, b: number) => Math.abs(a - b) > MAY_STRETCH.px + Math.max(a, b) * MAY_STRETCH.share;
    const found: string[] = [];
    if (far(before.x, after.x, kept.width) || far(before.y, after.y, kept.height))
      found.push(`${nameOf(after)} lies at ${after.x},${after.y} and not at ${before.x},${before.y}`);
    if (wide(before.width, after.width) || wide(before.height, after.height))
      found.push(`${nameOf(after)} is ${after.width}×${after.height} px and not ${before.width}×${before.height}`);
    return found;
  });
  const differing = gone.length + come.length;
  if (gone.some(({ kind }) => kind === 'part' || kind === 'heading') || differing > 1 + kept.boxes.length * MAY_DIFFER)
    problems.push(
      `gone: ${gone.map(nameOf).join(', ') || 'nothing'}; come: ${come.map(nameOf).join(', ') || 'nothing'}`,
    );
  return problems;
}

function nameOf({ kind, name }: Box): string {
  return `${kind} “${name}”`;
}

/** The same things of both looks: by kind and name, and what is left by its order, for words may change. */
function pairUp(kept: readonly Box[], now: readonly Box[]) {
  const pairs: [Box, Box][] = [];
  const left = new Set(now);
  const match = (boxes: readonly Box[], isSame: (a: Box, b: Box) => boolean): Box[] =>
    boxes.filter((box) => {
      const other = [...left].find((one) => isSame(box, one));
      if (!other) return true;
      left.delete(other);
      pairs.push([box, other]);
      return false;
    });
  const unnamed = match(kept, (a, b) => a.kind === b.kind && a.name === b.name);
  const gone = match(unnamed, (a, b) => a.kind === b.kind && a.kind !== 'part');
  return { pairs, gone, come: [...left] };
}

function compareThumbnails(kept: GreyPicture, now: GreyPicture): string[] {
  if (kept.width !== now.width || kept.height !== now.height) return ['the thumbnail has another size'];
  const problems: string[] = [];
  const mean = difference(kept, now, 0, 0, kept.width, kept.height);
  if (mean > MEAN_BOUND) problems.push(`the picture differs by ${mean.toFixed(1)} of 255 levels on the whole`);
  for (let y = 0; y < kept.height; y += SQUARE) {
    for (let x = 0; x < kept.width; x += SQUARE) {
      const here = difference(kept, now, x, y, Math.min(x + SQUARE, kept.width), Math.min(y + SQUARE, kept.height));
      if (here > SQUARE_BOUND)
        problems.push(`the picture differs by ${here.toFixed(0)} of 255 levels around ${x},${y}`);
    }
  }
  return problems;
}

/** Mean difference of the pixels from one corner up to, and without, the other. */
function difference(a: GreyPicture, b: GreyPicture, left: number, top: number, right: number, bottom: number): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let at = y * a.width + left; at < y * a.width + right; at++) {
      sum += Math.abs((a.pixels[at] ?? 0) - (b.pixels[at] ?? 0));
    }
  }
  return sum / ((right - left) * (bottom - top));
}
