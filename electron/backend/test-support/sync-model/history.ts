import fc from 'fast-check';

/** Keys of a history's rows, and values that they may have. */
const KEYS = 5;
const VALUES = ['One', 'Two', 'drei'] as const;

const PHASES = ['read-left', 'read-right', 'reconcile', 'guard', 'apply', 'confirm', 'commit', 'committed'] as const;

const key = fc.integer({ min: 1, max: KEYS });
const value = fc.constantFrom(...VALUES);
const field = fc.constantFrom('Name', 'Phone');

/** What happens in a history, on either side, between its runs. */
const Step = fc.oneof(
  /** A row is new, or says something else. */
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('row' as const), key, name: value, phone: value }) },
  /** A row says something that can't be saved. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bad-row' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('row-gone' as const), key }) },
  /** Somebody changes a record in the org; `late`: it is stamped minutes before it is seen. */
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('record' as const), key, field, value, late: fc.boolean() }),
  },
  /** The same, in a field that the job doesn't know. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('other-field' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('record-gone' as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      /** Its process ends once this phase is on disk. */
      killedAt: fc.option(fc.constantFrom(...PHASES), { freq: 2 }),
    }),
  },
);

export interface History {
  readonly gone: 'leave' | 'delete';
  /** The org writes names in capitals. */
  readonly rewrites: boolean;
  readonly steps: readonly Step[];
}
export type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never;

export const histories: fc.Arbitrary<History> = fc.record({
  gone: fc.constantFrom('leave', 'delete'),
  rewrites: fc.boolean(),
  steps: fc.array(Step, { minLength: 4, maxLength: 14 }),
});
