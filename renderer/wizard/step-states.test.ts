import { describe, expect, it } from 'vitest';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import type { LoadId, SourceId } from '../../shared/domain/ids.ts';
import { NO_OUTCOMES, type LoadSnapshot } from '../../shared/domain/load-results.ts';
import { NEW_DRAFT, STEPS, type Draft, type Step } from './draft.ts';
import { stepStates } from './step-states.ts';

const mapping = {
  columns: [
    { column: 0, target: { kind: 'field', field: 'Name' } },
    { column: 1, target: { kind: 'ignored' } },
  ],
} as unknown as FieldMapping;
const sourceId = 'src_1' as SourceId;
const loadId = 'load_1' as LoadId;
const at = (step: Step): Draft['place'] => ({ kind: 'step', step });
const counts = {
  insert: 900,
  update: 99,
  delete: 1,
  undelete: 0,
  unchanged: 0,
  duplicate: 0,
  leftOut: 0,
  blocked: 1_000,
};
const plan = { counts } as unknown as NonNullable<Parameters<typeof stepStates>[0]['known']>;
const standing = { ready: 1_500, repeated: 0, leftOut: 0, notSent: 500 };
const load = (kind: LoadSnapshot['state']['kind'], skipped: number) =>
  ({
    rows: 2_000,
    state: { kind },
    counts: { ...NO_OUTCOMES, created: 2_000 - skipped, skipped },
    jobs: [],
    notices: [],
    rowsToSend: 2_000 - skipped,
    secondStepRows: 0,
  }) as unknown as LoadSnapshot;

const nothing = {
  draft: NEW_DRAFT,
  rows: null,
  staged: false,
  checks: null,
  blocked: true,
  standing: null,
  known: null,
  load: null,
};
const mapped = {
  ...nothing,
  draft: { ...NEW_DRAFT, sourceId, mapping, place: at('mapping') },
  rows: 2_000,
  staged: true,
};
const checked = { ...mapped, checks: { rows: 2_000 }, blocked: false, standing };
const started: Draft = { ...checked.draft, loadId, started: { loadId, mapping } };

const reachable = (given: Parameters<typeof stepStates>[0]) =>
  STEPS.filter((step) => stepStates(given)[step].reachable);
const done = (given: Parameters<typeof stepStates>[0]) => STEPS.filter((step) => stepStates(given)[step].done);

describe('the steps in the rail', () => {
  it('lead nowhere without a file', () => {
    expect(reachable(nothing)).toEqual([]);
    expect(done(nothing)).toEqual([]);
  });

  it.each([
    ['a file that is mapped', mapped, ['source', 'mapping'], ['source']],
    ['a mapping that can’t be checked', { ...checked, blocked: true }, ['source', 'mapping'], ['source']],
    ['a file that is checked', checked, ['source', 'mapping', 'checks', 'plan'], ['source', 'mapping']],
    ['a plan', { ...checked, known: plan }, ['source', 'mapping', 'checks', 'plan'], ['source', 'mapping', 'checks']],
    [
      'a load at work',
      { ...checked, draft: { ...started, place: at('load') }, load: load('running', 1_000) },
      ['source', 'mapping', 'checks', 'plan', 'load'],
      ['source', 'mapping', 'checks', 'plan'],
    ],
    [
      'a load that has finished',
      { ...checked, draft: { ...started, place: at('report') }, load: load('finished', 1_000) },
      [...STEPS],
      ['source', 'mapping', 'checks', 'plan', 'load'],
    ],
  ])('are open and done as far as they are with %s', (_what, given, open, through) => {
    expect(reachable(given)).toEqual(open);
    expect(done(given)).toEqual(through);
  });

  it('count in words, the same rows the same way', () => {
    const words = (given: Parameters<typeof stepStates>[0]) => STEPS.map((step) => stepStates(given)[step].count);
    expect(words({ ...checked, known: plan })).toEqual([
      '2,000 rows',
      '1 of 2 columns',
      '500 not sent',
      '1,000 changes',
      '',
      '',
    ]);
    // Of its own load, seen, the numbers are the load's; back at the checks they are what is checked now.
    const loaded = { ...checked, draft: { ...started, place: at('report') }, load: load('finished', 1_000) };
    expect(words(loaded)).toEqual(['2,000 rows', '1 of 2 columns', '1,000 not sent', '', 'finished', '']);
    expect(words({ ...loaded, draft: { ...started, place: at('checks') } })[2]).toBe('500 not sent');
    expect(words({ ...loaded, load: load('cancelling', 0) })[4]).toBe('stopping');
  });
});
