import { expect, test } from 'vitest';
import type { DuplicateRuleReport, RuleFinding } from '../../../shared/domain/duplicate-rules.ts';
import type { RehearsalReport, TakenValues } from '../../../shared/domain/rehearsal.ts';
import { checksTitle, SENT_WORD, type OrgAnswers } from './checks-title.ts';

const taken = (rows: number) => ({ rows }) as TakenValues;
const rules = (rows: number, effect: RuleFinding['effect']) =>
  ({ findings: [{ rows, effect }] }) as unknown as DuplicateRuleReport;
const tried = (refused: number) => ({ refused }) as RehearsalReport;
const stand = { rows: 1200, notSent: 0, leftOut: 0, becomes: SENT_WORD.upsert, answers: {} };

test.each([
  [{}, 'Every row can be loaded'],
  [{ becomes: SENT_WORD.delete }, 'Every row can be deleted'],
  [{ becomes: SENT_WORD.hardDelete }, 'Every row can be deleted for good'],
  [{ becomes: SENT_WORD.undelete }, 'Every row can be brought back'],
  [{ leftOut: 2 }, 'Every row that you did not leave out can be loaded'],
  [{ notSent: 1 }, '1 row of 1,200 needs a fix'],
  [
    { notSent: 3, answers: { taken: [taken(9)] } },
    '3 rows of 1,200 need a fix; Salesforce would refuse 9 rows of the others',
  ],
])('%o is told as “%s”', (of, title) => {
  expect(checksTitle({ ...stand, ...of })).toBe(title);
});

test.each<[OrgAnswers, string]>([
  [{ taken: [] }, 'Every row can be loaded'],
  [{ taken: [taken(1)] }, 'Salesforce would refuse 1 row of 1,200'],
  [{ taken: [taken(1), taken(5)] }, 'Salesforce would refuse at least 5 rows of 1,200'],
  [{ rules: rules(4, 'report') }, 'Every row can be loaded'],
  [{ rules: rules(4, 'alert'), tried: tried(0) }, 'Salesforce would refuse 4 rows of 1,200'],
  [{ rules: rules(4, 'block'), tried: tried(7) }, 'Salesforce would refuse at least 7 rows of 1,200'],
  [{ tried: tried(2) }, 'Salesforce would refuse 2 rows of 1,200'],
])('the org’s answer %o is not contradicted: “%s”', (answers, title) => {
  expect(checksTitle({ ...stand, answers })).toBe(title);
});
