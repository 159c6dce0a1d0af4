import type { Input } from '../../../shared/contract/procedures.ts';
import type { Resembled } from '../../../shared/domain/prepared-load.ts';
import type { ResemblingDecision } from '../../../shared/domain/resembling.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { reasonsText } from '../../../shared/text/resemblance-text.ts';
import { lookedText, outcomeTexts, scoreText } from '../../../shared/text/resembling-text.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface ResemblingFlags {
  /** What becomes of new rows that resemble a record; `show` only tells of them. */
  readonly resembling?: 'show' | ResemblingDecision;
  readonly resemblingScore?: number;
  readonly yes?: boolean;
}

/** What the flags ask of rows that resemble records; undefined where they ask nothing. Throws `UsageError` for a score alone. */
export function askedResembling({
  resembling: then,
  resemblingScore: threshold,
  yes,
}: ResemblingFlags): Input<'prepare.plan'>['resembling'] {
  if (then !== undefined) return { then, threshold, ...(yes === true ? { acceptApiUse: true } : {}) };
  if (threshold !== undefined) throw new UsageError('--resembling-score needs --resembling.');
  return undefined;
}

/** Tells what came of looking. Throws `UsageError` for rows that can't be compared. */
export function tellResembled(resembled: Resembled, output: Output): void {
  if (resembled.kind === 'not-comparable')
    throw new UsageError(
      '--resembling is for accounts, contacts, and leads, with columns to compare by: names, emails, phones, or addresses.',
    );
  if (resembled.kind === 'nothing-new')
    return output.line('No row would be created, so none is compared with records.');
  const { report, threshold, pairs, shown, then, outcome, asked } = resembled;
  for (const text of lookedText(report)) output.line(text);
  for (const { row, record, weight, reasons } of shown)
    output.line(`  Row ${number(row)} resembles ${record}: ${scoreText(weight)} (${reasonsText(reasons)})`);
  if (pairs > shown.length) output.line(`  and ${plural(pairs - shown.length, 'more pair')}`);
  output.line(`From score ${scoreText(threshold)}: ${plural(pairs, 'pair')}.`);
  if (outcome && then !== 'show') for (const text of outcomeTexts(outcome, then)) output.line(text);
  if (asked > 0) output.line(`${plural(asked, 'row')} that would have to be asked about: not sent.`);
}

/** What a script is told of it; null where nobody looked. */
export function resembledResult(resembled: Resembled | null): object | null {
  if (resembled?.kind !== 'looked') return null;
  const { report, pairs, asked } = resembled;
  return { ...report, pairs, asked };
}

/** Rows that are not sent, for somebody would have to be asked about them. */
export function askedRows(resembled: Resembled | null): number {
  return resembled?.kind === 'looked' ? resembled.asked : 0;
}
