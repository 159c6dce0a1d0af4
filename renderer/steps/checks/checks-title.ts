import type { DuplicateRuleReport } from '../../../shared/domain/duplicate-rules.ts';
import type { RehearsalReport, TakenValues } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';

/** What the org answered about the rows as they are mapped; what it was not asked is missing. */
export interface OrgAnswers {
  readonly taken?: readonly TakenValues[];
  readonly rules?: DuplicateRuleReport;
  readonly tried?: RehearsalReport;
}

interface Stand {
  readonly rows: number;
  readonly notSent: number;
  readonly leftOut: number;
  readonly removes: boolean;
  readonly answers: OrgAnswers;
}

/** How the rows stand, in one sentence; “every row can be loaded” only as long as nothing that the org said contradicts it. */
export function checksTitle({ rows, notSent, leftOut, removes, answers }: Stand): string {
  if (notSent > 0) return `${plural(notSent, 'row')} of ${number(rows)} ${notSent === 1 ? 'needs' : 'need'} a fix`;
  const refused = refusedRows(answers);
  if (refused.some((one) => one > 0)) {
    // Whether it is the same rows that two answers are about is not known.
    const isWhole = refused.filter((one) => one > 0).length === 1;
    return `Salesforce would refuse ${isWhole ? '' : 'at least '}${plural(Math.max(...refused), 'row')} of ${number(rows)}`;
  }
  return `Every row ${leftOut > 0 ? 'that you did not leave out ' : ''}can be ${removes ? 'deleted' : 'loaded'}`;
}

/** Rows that would be refused, by each thing that the org said. */
function refusedRows({ taken = [], rules, tried }: OrgAnswers): number[] {
  const blocking = rules?.findings.filter(({ effect }) => effect === 'block' || effect === 'alert') ?? [];
  return [...taken, ...blocking].map(({ rows }) => rows).concat(tried?.refused ?? 0);
}
