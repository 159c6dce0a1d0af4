import { rehearsalCalls, SAMPLE_ROWS, type RehearsalReport } from '../domain/rehearsal.ts';
import { number, plural } from './counts.ts';

/** What a rehearsal is, and what of it stays in the org all the same. */
export function rehearsalCaveatText(removes: boolean): string {
  return removes
    ? 'Deletes rows in the org and takes all of the deletes back, so that you see what its triggers say, and which records it keeps, before you load. No record is deleted. What stays: API calls, and events that a trigger publishes at once.'
    : 'Sends rows to the org and takes all of them back, so that you see what its validation rules, triggers, and duplicate rules say before you load. No record stays. What stays: API calls, numbers that auto-number fields use up, and events that a trigger publishes at once.';
}

/** How many of so many rows are tried, and what it costs. */
export function rehearsalCostText(rows: number, sample: boolean): string {
  const most = sample ? Math.min(rows, SAMPLE_ROWS) : rows;
  return `Up to ${plural(most, 'row')} in about ${plural(rehearsalCalls(most), 'API call')}, and more if rows are rejected.`;
}

/** What came of it, in sentences. */
export function rehearsalResultText(report: RehearsalReport, removes: boolean): string {
  const { tried, passed, refused, unsettled, calls } = report;
  const would = removes ? 'delete' : 'accept';
  const found =
    refused + unsettled === 0
      ? `The org would ${would} ${tried === 1 ? 'the row' : `all ${plural(tried, 'row')}`} that you tried.`
      : `Of ${plural(tried, 'row')} that you tried, the org would ${would} ${number(passed)} and reject ${number(refused)}.`;
  const open = unsettled > 0 ? ` For ${plural(unsettled, 'row')}, the result is unknown.` : '';
  return `${found}${open} ${tried === 1 ? 'It was' : 'All were'} taken back. ${plural(calls, 'API call')}.`;
}

/** Rows that can't be tried; there is at least one. */
export function untriedText(untried: number): string {
  return `${plural(untried, 'row')} can’t be tried: ${untried === 1 ? 'its parent is' : 'their parents are'} in this file and not in the org yet.`;
}

/** Where a refusal was met: its code, its fields, and the first of its rows. */
export function refusalPlaceText({ statusCode, fields, rows, examples }: RehearsalReport['refusals'][number]): string {
  const named = fields.length > 0 ? ` · ${fields.join(', ')}` : '';
  const which = `${examples.map(number).join(', ')}${rows > examples.length ? ' …' : ''}`;
  return `${statusCode}${named} · ${rows === 1 ? `row ${which}` : `${plural(rows, 'row')}: ${which}`}`;
}
