import type { Rectangle } from 'electron';
import { z } from 'zod';

/** The least that every screen of the window can be read and used in. */
export const MIN_SIZE = { width: 640, height: 480 };
const DEFAULT_SIZE = { width: 1360, height: 880 };
/** As much of the title bar as a hand needs to get hold of it, in device-independent pixels. */
const GRIP = { width: 120, height: 24 };

const Stored = z.object({
  x: z.number().optional(),
  y: z.number().optional(),
  width: z.number().min(MIN_SIZE.width),
  height: z.number().min(MIN_SIZE.height),
  maximized: z.boolean(),
});

export interface WindowPlace {
  /** Without x and y it opens in the middle of the main display. */
  readonly bounds: { x?: number; y?: number; width: number; height: number };
  readonly maximized: boolean;
}

/**
 * Where the window opens: where it was left, if that can still be seen. `workAreas` are what taskbar and dock leave of each
 * display (`Display.workArea`), the main one first. A window whose title bar is on none of them, because a display is gone or
 * has become smaller, comes to the main one; one that is larger than its display is made to fit.
 */
export function placeWindow(stored: unknown, workAreas: readonly [Rectangle, ...Rectangle[]]): WindowPlace {
  const parsed = Stored.safeParse(stored);
  const { x, y, width, height, maximized } = parsed.success ? parsed.data : { ...DEFAULT_SIZE, maximized: false };
  const [main] = workAreas;
  if (x === undefined || y === undefined) return { bounds: fitted({ width, height }, main), maximized };
  const titleBar = { x, y, width, height: GRIP.height };
  const area = workAreas.find((one) => {
    const seen = overlap(titleBar, one);
    return seen.width >= GRIP.width && seen.height >= GRIP.height;
  });
  if (area === undefined) return { bounds: fitted({ width, height }, main), maximized };
  return { bounds: { x, y, ...fitted({ width, height }, area) }, maximized };
}

function fitted({ width, height }: { width: number; height: number }, area: Rectangle) {
  return {
    width: Math.max(MIN_SIZE.width, Math.min(width, area.width)),
    height: Math.max(MIN_SIZE.height, Math.min(height, area.height)),
  };
}

function overlap(a: Rectangle, b: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
    height: Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
  };
}
