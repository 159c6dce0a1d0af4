import type { DuplicateRuleReport, RuleFinding } from '../domain/duplicate-rules.ts';
import { number, plural } from './counts.ts';

/** What a rule would do with the rows it found a record for. */
export function effectText({ effect, rows }: Pick<RuleFinding, 'effect' | 'rows'>): string {
  const them = rows === 1 ? 'it' : 'them';
  switch (effect) {
    case 'block':
      return `Salesforce would block ${them}.`;
    case 'alert':
      return `Salesforce would block ${them}: a Bulk API load can’t confirm the alert.`;
    case 'report':
      return `Salesforce would create ${them} and add ${them} to its duplicate report.`;
    case 'nothing':
      return `Salesforce would create ${them}.`;
  }
}

/** What should be known beside the findings. */
export function ruleCaveats({ rules, unread, unanswered }: DuplicateRuleReport): string[] {
  return [
    ...(rules.length === 0 ? ['This object has no active duplicate rule.'] : []),
    ...(unread.length > 0
      ? [`Longshore can’t work out ${unread.join(', ')} by itself, so the org was asked about every row.`]
      : []),
    ...(unanswered.rows > 0
      ? [
          `The org had no answer for ${plural(unanswered.rows, 'row')}${unanswered.message === null ? '' : `: ${unanswered.message}`}`,
        ]
      : []),
  ];
}

/** Said where no rule found a record. */
export function noDuplicatesText({ rows, asked }: Pick<DuplicateRuleReport, 'rows' | 'asked'>): string {
  return asked === 0
    ? `None of ${plural(rows, 'new row')} resembles a record.`
    : `The org found no duplicate of ${asked === 1 ? 'the row' : `the ${number(asked)} rows`} it was asked about.`;
}
