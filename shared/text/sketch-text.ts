import type { ColumnSketch, ValueKind } from '../domain/source-file.ts';
import { number, plural } from './counts.ts';

const ONE_OF: Readonly<Record<ValueKind, string>> = {
  'whole-number': 'a whole number',
  number: 'a number',
  date: 'a date',
  'date-time': 'a date and time',
  'yes-no': 'yes or no',
  email: 'an email address',
  'record-id': 'a Salesforce ID',
};
const MANY_OF: Readonly<Record<ValueKind, string>> = {
  'whole-number': 'whole numbers',
  number: 'numbers',
  date: 'dates',
  'date-time': 'dates and times',
  'yes-no': 'yes or no',
  email: 'email addresses',
  'record-id': 'Salesforce IDs',
};

/** A share as whole percents that never says none or all of what is some or nearly all. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100;
  if (part > 0 && share < 1) return 'under 1%';
  if (part < whole && share > 99) return 'over 99%';
  return `${Math.round(share)}%`;
}

/** An estimate promises no digits that it does not have. */
function rounded(estimate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, estimate))) - 1);
  return Math.round(estimate / unit) * unit;
}

function distinctText({ rows, blank, distinct, distinctIsEstimate }: ColumnSketch): string {
  const filled = rows - blank;
  if (distinctIsEstimate) return `about ${number(rounded(distinct))} values`;
  if (distinct === filled && filled > 1) return 'all different';
  return plural(distinct, 'value');
}

function misfitText({ kind, misfits }: ColumnSketch): string | null {
  if (kind === null || misfits === 0) return null;
  return `${number(misfits)} not ${misfits === 1 ? ONE_OF[kind] : MANY_OF[kind]}`;
}

/** What is said of a column in its header, the most telling first: “3 not dates”, “12% blank”, “4 values”. */
export function sketchWords(sketch: ColumnSketch): string[] {
  const { rows, blank } = sketch;
  if (rows === 0) return ['no rows'];
  if (blank === rows) return ['all blank'];
  const misfits = misfitText(sketch);
  return [
    ...(misfits === null ? [] : [misfits]),
    ...(blank === 0 ? [] : [`${percent(blank, rows)} blank`]),
    distinctText(sketch),
  ];
}

/** The same for who hears it, with what a bar would show. */
export function sketchSentence(sketch: ColumnSketch): string {
  const { rows, blank, kind, misfits } = sketch;
  const words = sketchWords(sketch);
  if (rows === 0 || blank === rows) return `${words.join(', ')}.`;
  const all = kind !== null && misfits === 0 ? [MANY_OF[kind]] : [];
  return `${[...all, ...(blank === 0 ? ['no blanks'] : []), ...words].join(', ')}.`;
}
