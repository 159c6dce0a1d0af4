import { expect, test } from 'vitest';
import { compareLooks, type Box, type Look } from './compare-looks.ts';
import { readGreyPng, writeGreyPng } from './grey-png.ts';

const box = (kind: Box['kind'], name: string, x: number, y: number, width = 200, height = 40): Box => ({
  kind,
  name,
  x,
  y,
  width,
  height,
});
const BOXES = [
  box('part', 'header.bar', 0, 0, 1360, 52),
  box('part', 'section.panel', 232, 168, 1104, 200),
  box('heading', '# rows of # need a fix', 232, 80),
  box('button', 'Back', 232, 800, 80),
  box('button', 'Compare # rows', 1100, 800),
  ...Array.from({ length: 6 }, (_one, n) => box('field', `Field ${n}`, 300, 200 + 60 * n)),
];
const thumbnail = (shade: (x: number, y: number) => number) => {
  const pixels = Uint8Array.from({ length: 96 * 61 }, (_one, at) => shade(at % 96, Math.floor(at / 96)));
  return { width: 96, height: 61, pixels };
};
const pale = thumbnail(() => 240);
const look = (boxes: readonly Box[], picture = pale): Look => ({ width: 1360, height: 860, boxes, thumbnail: picture });
const changed = (name: string, change: Partial<Box>) =>
  BOXES.map((one) => (one.name === name ? { ...one, ...change } : one));

test('a look is like itself, and like one of other fonts and words', () => {
  expect(compareLooks(look(BOXES), look(BOXES))).toEqual([]);
  const stretched = BOXES.map((one) => ({ ...one, y: Math.round(one.y * 1.03), width: Math.round(one.width * 1.1) }));
  expect(compareLooks(look(BOXES), look(stretched))).toEqual([]);
  expect(
    compareLooks(look(BOXES), look(changed('Compare # rows', { name: 'Compare # rows with Practice org' }))),
  ).toEqual([]);
  const written = thumbnail((x, y) => (x > 20 && x < 50 && y % 4 === 0 ? 190 : 240));
  expect(compareLooks(look(BOXES), look(BOXES, written))).toEqual([]);
});

test('a part that lies 200 px off, is far wider, or is gone is told by its name', () => {
  expect(compareLooks(look(BOXES), look(changed('section.panel', { x: 432 })))).toEqual([
    'part “section.panel” lies at 432,168 and not at 232,168',
  ]);
  expect(compareLooks(look(BOXES), look(changed('Compare # rows', { width: 700 })))).toEqual([
    'button “Compare # rows” is 700×40 px and not 200×40',
  ]);
  const without = BOXES.filter(({ name }) => name !== 'section.panel');
  expect(compareLooks(look(BOXES), look(without))).toEqual(['gone: part “section.panel”; come: nothing']);
});

test('one thing to press may come or go, several not', () => {
  const fewer = (count: number) => look(BOXES.slice(0, BOXES.length - count));
  expect(compareLooks(look(BOXES), fewer(1))).toEqual([]);
  expect(compareLooks(look(BOXES), fewer(4))[0]).toContain('gone: field “Field 2”');
});

test('another shade on the whole, and a dark place, are told', () => {
  const grey = thumbnail(() => 200);
  expect(compareLooks(look(BOXES), look(BOXES, grey))).toEqual([
    'the picture differs by 40.0 of 255 levels on the whole',
  ]);
  const blot = thumbnail((x, y) => (x >= 40 && x < 56 && y >= 16 && y < 24 ? 20 : 240));
  expect(compareLooks(look(BOXES), look(BOXES, blot))).toEqual([
    'the picture differs by 220 of 255 levels around 40,16',
    'the picture differs by 220 of 255 levels around 48,16',
  ]);
});

test('a grey picture is read as it was written, and no other PNG is', () => {
  const picture = thumbnail((x, y) => (x * 7 + y * 3) % 256);
  expect(readGreyPng(writeGreyPng(picture))).toEqual(picture);
  const coloured = writeGreyPng(picture);
  coloured.writeUInt8(2, 25);
  expect(() => readGreyPng(coloured)).toThrow('not a grey picture of ours');
});
