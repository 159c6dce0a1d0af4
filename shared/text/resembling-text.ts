import type { WorkProgress } from '../contract/events.ts';
import type { ResemblingDecision, ResemblingOutcome, ResemblingReport, ResemblingRow } from '../domain/resembling.ts';
import { number, plural } from './counts.ts';

/** What a decision does, as a button says it. */
export const DECISION_WORD: Readonly<Record<ResemblingDecision, string>> = {
  update: 'Update the record',
  merge: 'Fill its blanks',
  skip: 'Skip the row',
  create: 'Create anyway',
};

/** What was decided of a row. */
export const DECIDED_WORD: Readonly<Record<ResemblingDecision, string>> = {
  update: 'Updates this record',
  merge: 'Fills the blanks of this record',
  skip: 'Skipped: the row isn’t sent',
  create: 'Created anyway',
};

/** How far looking has come; `share` of a stage is told where it can be. */
export function lookingText(work: Pick<WorkProgress, 'stage' | 'done'> | undefined): string {
  const percent = work ? `${number(Math.round(work.done * 100))}%` : '';
  switch (work?.stage) {
    case 'fetching':
      return work.done ? `Fetched ${plural(work.done, 'record')}…` : 'Fetching the records to compare with…';
    case 'preparing':
      return `Preparing names, phones and addresses, ${percent}…`;
    case 'learning':
      return `Learning how common values are, ${percent}…`;
    case 'pairing':
      return 'Finding pairs worth comparing…';
    case 'comparing':
      return `Comparing pairs, ${percent}…`;
    default:
      return 'Looking…';
  }
}

/** What a look compared, and what it left out. */
export function lookedText({ rows, records, fields, capped, calls }: ResemblingReport): string[] {
  return [
    `Compared ${plural(rows, 'row')} with ${plural(records, 'record')} by ${fields.join(', ')}. ${plural(calls, 'API call')}.`,
    ...capped.map(
      ({ rule, pairs, lookedAt }) =>
        `Too many records share a value (${rule}): only ${number(lookedAt)} of ${number(pairs)} such pairs were compared.`,
    ),
  ];
}

/** What a decision came to, and for which rows a person is still asked. */
export function outcomeTexts(
  { rows, several, taken, gone, changed }: Omit<ResemblingOutcome, 'plan'>,
  decision: ResemblingDecision | null,
): string[] {
  const done = decision === null ? 'taken back' : 'decided';
  return [
    `${plural(rows, 'row')} ${done}.`,
    ...(several > 0
      ? [
          `${plural(several, 'row')} ${several === 1 ? 'resembles' : 'resemble'} several records: choose one for ${several === 1 ? 'it' : 'each'}.`,
        ]
      : []),
    ...(taken > 0
      ? [
          `${plural(taken, 'row')} ${taken === 1 ? 'resembles a record' : 'resemble records'} that another row already updates: choose which row updates it.`,
        ]
      : []),
    ...(gone > 0
      ? [`The ${gone === 1 ? 'record of 1 row is' : `records of ${number(gone)} rows are`} no longer there.`]
      : []),
    ...(changed > 0
      ? [
          `The ${changed === 1 ? 'record of 1 row was' : `records of ${number(changed)} rows were`} changed since the date that the mapping leaves alone.`,
        ]
      : []),
  ];
}

/** What beside the pair itself a person should know before deciding. */
export function cautionTexts({ row, records, rows, elsewhere, takenBy }: ResemblingRow): string[] {
  return [
    ...(records > 1 ? [`Row ${number(row)} resembles ${plural(records, 'record')}.`] : []),
    ...(rows > 1 ? [`${plural(rows, 'row')} resemble this record.`] : []),
    ...(elsewhere ? [`Row ${number(row)} already belongs to another record.`] : []),
    ...(takenBy === null ? [] : [`Row ${number(takenBy)} already belongs to this record.`]),
  ];
}

/** "6.2": a score, in bits over even odds. */
export function scoreText(weight: number): string {
  return weight.toFixed(1).replace('-', '−');
}
