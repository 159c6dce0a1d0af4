import { describe, expect, test } from 'vitest';
import { keysOf, nextRegion, SHORTCUTS, shortcutOf } from './shortcuts.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe('a key press', () => {
  test.each([
    ['Ctrl+O', press('o', { ctrlKey: true }), 'open-file'],
    ['Ctrl+O with caps lock', press('O', { ctrlKey: true }), 'open-file'],
    ['Ctrl+Enter', press('Enter', { ctrlKey: true }), 'primary'],
    ['Enter', press('Enter'), null],
    ['F6', press('F6'), 'next-region'],
    ['Shift+F6', press('F6', { shiftKey: true }), 'previous-region'],
    ['?', press('?', { shiftKey: true }), 'help'],
    ['? where it needs no Shift', press('?'), 'help'],
    ['Esc', press('Escape'), 'leave'],
    ['o', press('o'), null],
    ['Ctrl+Shift+O', press('O', { ctrlKey: true, shiftKey: true }), null],
    ['Ctrl+Alt+F, as AltGr is told', press('f', { ctrlKey: true, altKey: true }), null],
    ['the system’s key', press('f', { metaKey: true }), null],
  ])('%s', (_name, key, shortcut) => {
    expect(shortcutOf(key, false, false)).toBe(shortcut);
  });

  test('is the Command key’s on macOS', () => {
    expect(shortcutOf(press('f', { metaKey: true }), true, false)).toBe('search');
    expect(shortcutOf(press('f', { ctrlKey: true }), true, false)).toBe(null);
  });

  test('is a field’s own while it types a character', () => {
    expect(shortcutOf(press('?', { shiftKey: true }), false, true)).toBe(null);
    expect(shortcutOf(press('f', { ctrlKey: true }), false, true)).toBe('search');
    expect(shortcutOf(press('Escape'), false, true)).toBe('leave');
  });
});

test('no two shortcuts share their keys, and each can be pressed', () => {
  const keys = SHORTCUTS.map((one) => keysOf(one, false));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { name, key, command, shift } of SHORTCUTS)
    expect(shortcutOf(press(key, { ctrlKey: command, shiftKey: shift === true }), false, false)).toBe(name);
});

test('keys are labelled as the system’s keyboard has them', () => {
  const [open] = SHORTCUTS;
  if (!open) throw new Error('no shortcuts');
  expect(keysOf(open, false)).toBe('Ctrl+O');
  expect(keysOf(open, true)).toBe('⌘+O');
});

test('regions follow one another in a circle', () => {
  expect(nextRegion(3, -1, false)).toBe(0);
  expect(nextRegion(3, 2, false)).toBe(0);
  expect(nextRegion(3, 0, true)).toBe(2);
  expect(nextRegion(3, -1, true)).toBe(2);
  expect(nextRegion(0, -1, false)).toBe(-1);
});
