import { expect, test } from 'vitest';
import { placeWindow } from './window-bounds.ts';

const MAIN = { x: 0, y: 25, width: 1920, height: 1055 };
const RIGHT = { x: 1920, y: 0, width: 2560, height: 1440 };
const stored = { x: 200, y: 100, width: 1200, height: 800, maximized: false };

test('a window opens where it was left, on any display', () => {
  expect(placeWindow(stored, [MAIN])).toEqual({
    bounds: { x: 200, y: 100, width: 1200, height: 800 },
    maximized: false,
  });
  const right = { ...stored, x: 2500, maximized: true };
  expect(placeWindow(right, [MAIN, RIGHT])).toEqual({
    bounds: { x: 2500, y: 100, width: 1200, height: 800 },
    maximized: true,
  });
});

test.each([
  ['a display that is gone', { ...stored, x: 2500 }],
  ['above what can be seen', { ...stored, y: -300 }],
  ['below what can be seen', { ...stored, y: 1079 }],
  ['all but a corner beside it', { ...stored, x: 1900 }],
])('one that was left on %s comes to the middle of the main display', (_what, left) => {
  expect(placeWindow(left, [MAIN])).toEqual({ bounds: { width: 1200, height: 800 }, maximized: false });
});

test('one that lies across two displays stays there', () => {
  expect(placeWindow({ ...stored, x: 1500 }, [MAIN, RIGHT]).bounds).toMatchObject({ x: 1500, y: 100 });
});

test('one that is larger than its display is made to fit, and never smaller than can be used', () => {
  expect(placeWindow({ ...stored, width: 3000, height: 2000 }, [MAIN]).bounds).toEqual({
    x: 200,
    y: 100,
    width: 1920,
    height: 1055,
  });
  const tiny = { x: 0, y: 0, width: 500, height: 300 };
  expect(placeWindow({ ...stored, x: 0, y: 0 }, [tiny]).bounds).toMatchObject({ width: 640, height: 480 });
});

test.each([undefined, null, 'x', { ...stored, width: 3 }, { ...stored, maximized: 'yes' }])(
  'without a place that can be understood (%j) it has its usual size',
  (left) => {
    expect(placeWindow(left, [MAIN])).toEqual({ bounds: { width: 1360, height: 880 }, maximized: false });
  },
);
