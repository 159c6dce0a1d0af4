import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { DuplicateRuleReport } from '../../../shared/domain/duplicate-rules.ts';
import type { RehearsalReport, TakenValues } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';

/** What the org answered about the rows as they are mapped; what it was not asked is missing. */
export interface OrgAnswers {
  readonly taken?: readonly TakenValues[];
  readonly rules?: DuplicateRuleReport;
  readonly tried?: RehearsalReport;
}

/** What becomes of rows that are sent, in the word of their operation. */
export const SENT_WORD: Readonly<Record<Operation, string>> = {
  insert: 'loaded',
  update: 'loaded',
  upsert: 'loaded',
  delete: 'deleted',
  hardDelete: 'deleted for good',
  undelete: 'brought back',
};

interface Stand {
  readonly rows: number;
  readonly notSent: number;
  readonly leftOut: number;
  /** What becomes of rows that are sent (`SENT_WORD`). */
  readonly becomes: string;
  readonly answers: OrgAnswers;
}

/** How the rows stand, in one sentence; “every row can be loaded” only as long as nothing that the org said contradicts it. */
export function checksTitle({ rows, notSent, leftOut, becomes, answers }: Stand): string {
  const refused = refusedText(answers);
  if (notSent > 0) {
    const fix = `${plural(notSent, 'row')} of ${number(rows)} ${notSent === 1 ? 'needs' : 'need'} a fix`;
    return refused === null ? fix : `${fix}; Salesforce would refuse ${refused} of the others`;
  }
  if (refused !== null) return `Salesforce would refuse ${refused} of ${number(rows)}`;
  return `Every row ${leftOut > 0 ? 'that you did not leave out ' : ''}can be ${becomes}`;
}

/** How many rows would be refused by what the org said; null for none. Whether two answers are about the same rows is not known. */
function refusedText(answers: OrgAnswers): string | null {
  const refused = refusedRows(answers).filter((one) => one > 0);
  if (refused.length === 0) return null;
  return `${refused.length === 1 ? '' : 'at least '}${plural(Math.max(...refused), 'row')}`;
}

/** Rows that would be refused, by each thing that the org said. */
function refusedRows({ taken = [], rules, tried }: OrgAnswers): number[] {
  const blocking = rules?.findings.filter(({ effect }) => effect === 'block' || effect === 'alert') ?? [];
  return [...taken, ...blocking].map(({ rows }) => rows).concat(tried?.refused ?? 0);
}
