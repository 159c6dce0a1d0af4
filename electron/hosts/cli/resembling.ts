import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { isForRecord, type ResemblingDecision, type ResemblingReport } from '../../../shared/domain/resembling.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { reasonsText } from '../../../shared/text/resemblance-text.ts';
import { lookedText, outcomeTexts, scoreText } from '../../../shared/text/resembling-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface ResemblingFlags {
  /** What becomes of new rows that resemble a record; `show` only tells of them. */
  readonly resembling?: 'show' | ResemblingDecision;
  readonly resemblingScore?: number;
  readonly yes?: boolean;
}

/** Pairs that are told. */
const TOLD = 20;

/** What came of looking; `asked` are rows that no rule decides, which are not sent. */
export interface Resembled {
  readonly plan: LoadPlan;
  readonly found: (ResemblingReport & { readonly pairs: number; readonly asked: number }) | null;
}

/**
 * Looks for records that a plan's new rows resemble, tells of them and decides as the flags say. Nobody is there to ask: a row that is to
 * update its record and resembles several, or shares one with another row, is not sent. Throws `UsageError` for rows that can't be compared.
 */
export async function decideResembling(
  caller: BackendCaller,
  plan: LoadPlan,
  { resembling, resemblingScore, yes }: ResemblingFlags,
  output: Output,
): Promise<Resembled> {
  if (resembling === undefined) {
    if (resemblingScore !== undefined) throw new UsageError('--resembling-score needs --resembling.');
    return { plan, found: null };
  }
  const { planId } = plan;
  const offer = await caller.call('resembling.offer', { planId });
  if (offer === null)
    throw new UsageError(
      '--resembling is for accounts, contacts, and leads, with columns to compare by: names, emails, phones, or addresses.',
    );
  if (plan.counts.insert === 0) {
    output.line('No row would be created, so none is compared with records.');
    return { plan, found: null };
  }
  const report = await caller.call('resembling.find', { planId, ...(yes === true ? { acceptApiUse: true } : {}) });
  for (const text of lookedText(report)) output.line(text);
  const threshold = resemblingScore ?? report.threshold;
  const pairs = await tellPairs(caller, planId, threshold, output);
  if (resembling === 'show') return { plan, found: { ...report, pairs, asked: 0 } };
  const of = { threshold, rule: null };
  const { plan: decided, ...left } = await caller.call('resembling.decide', { planId, of, decision: resembling });
  for (const text of outcomeTexts(left, resembling)) output.line(text);
  if (!isForRecord(resembling)) return { plan: decided, found: { ...report, pairs, asked: 0 } };
  const skipped = await caller.call('resembling.decide', { planId, of, decision: 'skip' });
  if (skipped.rows > 0) output.line(`${plural(skipped.rows, 'row')} that would have to be asked about: not sent.`);
  return { plan: skipped.plan, found: { ...report, pairs, asked: skipped.rows } };
}

async function tellPairs(
  caller: BackendCaller,
  planId: LoadPlan['planId'],
  threshold: number,
  output: Output,
): Promise<number> {
  const view = { threshold, rule: null, which: 'open' } as const;
  const { pairs, total } = await caller.call('resembling.pairs', { planId, view, offset: 0, limit: TOLD });
  for (const { row, record, weight, reasons } of pairs)
    output.line(`  Row ${number(row)} resembles ${record}: ${scoreText(weight)} (${reasonsText(reasons)})`);
  if (total > pairs.length) output.line(`  and ${plural(total - pairs.length, 'more pair')}`);
  output.line(`From score ${scoreText(threshold)}: ${plural(total, 'pair')}.`);
  return total;
}
