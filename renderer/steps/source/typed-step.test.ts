import { describe, expect, test } from 'vitest';
import type { CleaningKind } from '../../../shared/domain/cleaning.ts';
import { CLEANING_NAMES } from '../../../shared/text/cleaning-text.ts';
import {
  buttonText,
  columnsOfKind,
  NOTHING_TYPED,
  outcomeText,
  stepOf,
  typedPairs,
  withSpacesShown,
  type Typed,
} from './typed-step.ts';

const ALL = [0, 1, 2];
const step = (kind: CleaningKind, typed: Partial<Typed> = {}) => stepOf({ ...NOTHING_TYPED, kind, ...typed }, ALL);

describe('a step as it is typed', () => {
  test('without a choice of columns it is about all of them', () => {
    expect(step('trim')).toEqual({ kind: 'trim', columns: [0, 1, 2] });
    expect(step('trim', { columns: ['2'] })).toEqual({ kind: 'trim', columns: [2] });
  });

  test.each<[CleaningKind, Partial<Typed>, Partial<Typed>]>([
    ['find-replace', {}, { find: 'a' }],
    ['replace-pattern', {}, { find: '[^0-9]' }],
    ['map-values', {}, { values: 'a = b' }],
    ['fill-blanks', {}, { fill: 'none' }],
    ['split', { columns: ['1'], names: 'First' }, { columns: ['1'], names: 'First, Last' }],
    ['split', { names: 'First, Last' }, { columns: ['0'], names: 'First, Last' }],
    ['join', { columns: ['1'], names: 'Both' }, { columns: ['1', '2'], names: 'Both' }],
    ['join', { names: 'Both' }, { columns: ['2', '0'], names: 'Both' }],
    ['copy', { names: 'Again' }, { columns: ['1'], names: 'Again' }],
    ['copy', { columns: ['1'], names: '  ' }, { columns: ['1'], names: 'Again' }],
    ['constant', { fill: 'DE' }, { fill: 'DE', names: 'Country' }],
  ])('%s is none until all it needs is there', (kind, missing, complete) => {
    expect(step(kind, missing)).toBeNull();
    expect(step(kind, complete)).toMatchObject({ kind });
  });

  test('joins in the order of choice, splits at what was typed, spaces included', () => {
    expect(step('join', { columns: ['2', '0'], names: ' Both ', separator: ', ' })).toEqual({
      kind: 'join',
      columns: [2, 0],
      separator: ', ',
      name: 'Both',
    });
    expect(step('split', { columns: ['1'], names: 'First, , Last ,', separator: ' ' })).toEqual({
      kind: 'split',
      column: 1,
      separator: ' ',
      names: ['First', 'Last'],
    });
  });

  test('an empty replacement strips; ignoring case is for patterns', () => {
    expect(step('find-replace', { find: ' ', ignoreCase: true })).toEqual({
      kind: 'find-replace',
      columns: ALL,
      find: ' ',
      replacement: '',
    });
    expect(step('replace-pattern', { find: 'a', ignoreCase: true })).toMatchObject({ ignoreCase: true });
  });

  test('what is typed for one kind stays for the others', () => {
    const typed: Typed = { ...NOTHING_TYPED, columns: ['1'], find: 'x', fill: 'none', names: 'New' };
    for (const kind of Object.keys(CLEANING_NAMES) as CleaningKind[]) stepOf({ ...typed, kind }, ALL);
    expect(stepOf({ ...typed, kind: 'copy' }, ALL)).toEqual({ kind: 'copy', column: 1, name: 'New' });
    expect(stepOf({ ...typed, kind: 'remove-duplicates' }, ALL)).toEqual({ kind: 'remove-duplicates' });
  });

  test('only steps that name no column ask for none', () => {
    const kinds = Object.keys(CLEANING_NAMES) as CleaningKind[];
    expect(kinds.filter((kind) => columnsOfKind(kind) === 'none')).toEqual(
      kinds.filter((kind) => ['constant', 'remove-duplicates'].includes(kind)),
    );
  });
});

describe('values that become others', () => {
  test('one pair on each line, at its first equals sign; a blank side is a value', () => {
    expect(typedPairs('Wonn = Won\n\n a=b=c \nold=\n=new')).toEqual({
      pairs: [
        { from: 'Wonn', to: 'Won' },
        { from: 'a', to: 'b=c' },
        { from: 'old', to: '' },
        { from: '', to: 'new' },
      ],
      unread: [],
    });
  });

  test('a line that says no pair is told by its number, and the step waits for it', () => {
    const values = 'Wonn = Won\n\nLosst: Lost\nold';
    expect(typedPairs(values).unread).toEqual([3, 4]);
    expect(step('map-values', { values })).toBeNull();
  });
});

describe('what a step would do', () => {
  const counted = (cells: number, rows: number) => ({ cells, rows, examples: [] });

  test('in numbers', () => {
    expect(outcomeText('trim', counted(1200, 1))).toBe('Changes 1,200 cells in 1 row.');
    expect(outcomeText('remove-duplicates', counted(0, 1))).toBe('Removes 1 row identical to an earlier row.');
    expect(outcomeText('remove-duplicates', counted(0, 2))).toBe('Removes 2 rows identical to an earlier row.');
    expect(outcomeText('trim', counted(0, 0))).toBe('Changes nothing.');
  });

  test('the button says it, too, and no number it does not know', () => {
    expect(buttonText('trim', undefined)).toBe('Clean');
    expect(buttonText('trim', counted(0, 0))).toBe('Clean');
    expect(buttonText('trim', counted(7, 3))).toBe('Clean 7 cells');
    expect(buttonText('remove-duplicates', counted(0, 0))).toBe('Remove duplicates');
    expect(buttonText('remove-duplicates', counted(0, 3))).toBe('Remove 3 rows');
  });

  test('spaces at the ends and runs of them are seen, single ones within are not', () => {
    expect(withSpacesShown(' Ann  Smith\u00a0')).toBe('·Ann··Smith·');
    expect(withSpacesShown('Ann Smith')).toBe('Ann Smith');
    expect(withSpacesShown('   ')).toBe('···');
  });
});
