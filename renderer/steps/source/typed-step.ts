import { CleaningStep, type CleaningKind, type CleaningPreview } from '../../../shared/domain/cleaning.ts';
import { plural } from '../../../shared/text/counts.ts';
import { shown } from '../../../shared/text/shown.ts';

/** What has been typed, for every kind: going back and forth between kinds loses nothing. */
export interface Typed {
  readonly kind: CleaningKind;
  /** Numbers of columns, as a list of choices has them. */
  readonly columns: readonly string[];
  readonly to: 'upper' | 'lower' | 'title';
  readonly find: string;
  readonly replacement: string;
  readonly ignoreCase: boolean;
  /** `old value = new value`, one on each line. */
  readonly values: string;
  readonly fill: string;
  readonly separator: string;
  readonly names: string;
}

export const NOTHING_TYPED: Typed = {
  kind: 'trim',
  columns: [],
  to: 'upper',
  find: '',
  replacement: '',
  ignoreCase: false,
  values: '',
  fill: '',
  separator: ' ',
  names: '',
};

/** How many columns a kind of step is about: without a choice, `many` means all of them. */
export function columnsOfKind(kind: CleaningKind): 'none' | 'one' | 'two or more' | 'many' {
  if (kind === 'constant' || kind === 'remove-duplicates') return 'none';
  if (kind === 'split' || kind === 'copy') return 'one';
  return kind === 'join' ? 'two or more' : 'many';
}

/** The pairs that were typed, and the numbers of lines, from 1, that say none. Blank lines say nothing. */
export function typedPairs(text: string): {
  readonly pairs: { readonly from: string; readonly to: string }[];
  readonly unread: readonly number[];
} {
  const lines = text.split('\n').map((line, at) => ({ line, number: at + 1 }));
  const said = lines.filter(({ line }) => line.trim() !== '');
  return {
    pairs: said
      .filter(({ line }) => line.includes('='))
      .map(({ line }) => {
        const at = line.indexOf('=');
        return { from: line.slice(0, at).trim(), to: line.slice(at + 1).trim() };
      }),
    unread: said.filter(({ line }) => !line.includes('=')).map(({ number }) => number),
  };
}

/** The step as typed so far, or null while something is missing. `all` are the numbers of all columns. */
export function stepOf(typed: Typed, all: readonly number[]): CleaningStep | null {
  const { kind, replacement } = typed;
  const about = columnsOfKind(kind);
  const chosen = typed.columns.map(Number);
  if (about === 'one' && chosen.length === 0) return null;
  if (about === 'two or more' && chosen.length < 2) return null;
  if (kind === 'map-values' && typedPairs(typed.values).unread.length > 0) return null;
  const columns = chosen.length > 0 ? chosen : [...all];
  const column = chosen[0];
  const name = typed.names.trim();
  const made = {
    trim: { kind, columns },
    'collapse-spaces': { kind, columns },
    'change-case': { kind, columns, to: typed.to },
    'find-replace': { kind, columns, find: typed.find, replacement },
    'replace-pattern': { kind, columns, pattern: typed.find, replacement, ignoreCase: typed.ignoreCase },
    'map-values': { kind, columns, values: typedPairs(typed.values).pairs },
    'fill-blanks': { kind, columns, value: typed.fill },
    split: { kind, column, separator: typed.separator, names: namesIn(typed.names) },
    join: { kind, columns, separator: typed.separator, name },
    copy: { kind, column, name },
    constant: { kind, value: typed.fill, name },
    'remove-duplicates': { kind },
  }[kind];
  return CleaningStep.safeParse(made).data ?? null;
}

function namesIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What a step would do, in words. */
export function outcomeText(kind: CleaningKind, { rows, cells }: CleaningPreview): string {
  if (rows === 0) return 'Changes nothing.';
  return kind === 'remove-duplicates'
    ? `Removes ${plural(rows, 'row')} identical to an earlier row.`
    : `Changes ${plural(cells, 'cell')} in ${plural(rows, 'row')}.`;
}

/** What the button says it will do; `counted` is undefined until that is known. */
export function buttonText(kind: CleaningKind, counted: CleaningPreview | undefined): string {
  if (!counted || counted.rows === 0) return kind === 'remove-duplicates' ? 'Remove duplicates' : 'Clean';
  return kind === 'remove-duplicates'
    ? `Remove ${plural(counted.rows, 'row')}`
    : `Clean ${plural(counted.cells, 'cell')}`;
}

/** A value with the spaces that cleaning is about as dots: at its ends, and runs of them. */
export function withSpacesShown(text: string): string {
  const ends = text.replace(/^\s+|\s+$/gu, (spaces) => '·'.repeat(spaces.length));
  return shown(ends.replace(/[ \u00a0]{2,}/g, (spaces) => '·'.repeat(spaces.length)));
}
