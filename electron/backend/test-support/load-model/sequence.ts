import fc from 'fast-check';
import { MOST_JOB_MEGABYTES } from '../../../../shared/domain/settings.ts';
import type { Operation } from '../../../../shared/domain/field-mapping.ts';
import { DAMAGES, FAULT_POINTS, faultOf, type Damage, type Fault } from './faults.ts';
import { TABLES, type Table, type TableName } from './tables.ts';

/** Which record a row is about. */
export type RowSubject =
  /** None yet. */
  | { readonly kind: 'new' }
  /** One that was made before the load, by its place; its key or id may be spelt otherwise, and nothing may change. */
  | { readonly kind: 'existing'; readonly at: number; readonly otherSpelling: boolean; readonly asItIs: boolean }
  /** The same as an earlier row's: with the same cells, or with its own. */
  | { readonly kind: 'repeat'; readonly back: number; readonly sameCells: boolean; readonly otherSpelling: boolean }
  /** One that is not there. */
  | { readonly kind: 'missing' };

export interface RowSpec {
  readonly subject: RowSubject;
  /** Text by column, in the table's order. */
  readonly cells: readonly string[];
  /** One cell too many: a row that can't be read and is not sent. */
  readonly ragged: boolean;
}

/** A moment of a load: when its journal has a step for the nth time, or so many milliseconds after it was asked for. */
export type Moment =
  { readonly step: string; readonly nth: number; readonly jitter: number } | { readonly after: number };

/** What happens to a load, besides the faults of its org. */
export type Disturbance =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'kill';
      readonly when: Moment;
      readonly damage: Damage | null;
      readonly where: number;
      readonly resume: 'one' | 'two';
    }
  | { readonly kind: 'cancel'; readonly when: Moment; readonly then: 'cancel' | 'resume' }
  | { readonly kind: 'kill-staging'; readonly when: Moment }
  /** Another process opens the data folder and asks for everything while this one loads. */
  | { readonly kind: 'read-beside'; readonly when: Moment };

export interface Sequence {
  readonly table: TableName;
  readonly operation: Operation;
  /** How the rows are sent, where that is not left to Longshore. */
  readonly way?: 'bulk-1' | undefined;
  /** Records that are there before. */
  readonly existing: number;
  readonly rows: readonly RowSpec[];
  readonly lineEnding: '\n' | '\r\n';
  /** A column of row numbers makes rows differ that are otherwise the same. */
  readonly numbered: boolean;
  /** Whether an insert brings external ids, which the org holds to be unique. */
  readonly keyed: boolean;
  readonly blankValues: 'leave' | 'clear';
  readonly duplicateKeys: 'ask' | 'first' | 'last';
  /** The most that one job is sent, in MB: so little that most loads take several, or as much as Salesforce takes. */
  readonly jobMegabytes: number;
  /** How many of them are worked on at the same time. */
  readonly jobsAtOnce: number;
  readonly faults: readonly Fault[];
  /** Whether the faults strike the plan too, or only the load. */
  readonly faultsFrom: 'plan' | 'load';
  /** How often the load is asked to go on while the faults last. */
  readonly triesUnderFaults: number;
  readonly disturbances: readonly Disturbance[];
  readonly knobs: Readonly<Record<string, number | boolean>>;
}

const STEPS = [
  'PLANNED',
  'CREATING',
  'CREATED',
  'UPLOADING',
  'UPLOADED',
  'CLOSING',
  'CLOSED',
  'TERMINAL',
  'RESULTS',
  'RECONCILED',
  'LOCKED',
  'SENDING',
  'ANSWERED',
  'DISCARDED',
  'ABORTED',
  'ORPHANS',
  'CANCELLING',
  'BEGUN',
  'FINISHED',
];

const moment: fc.Arbitrary<Moment> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constantFrom(...STEPS),
      nth: fc.constantFrom(1, 1, 1, 2),
      jitter: fc.constantFrom(0, 0, 1, 2, 5, 15),
    }),
  },
  { weight: 1, arbitrary: fc.record({ after: fc.integer({ min: 0, max: 250 }) }) },
);

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Disturbance>({ kind: 'none' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      when: moment,
      damage: fc.option(fc.constantFrom(...DAMAGES), { freq: 2 }),
      where: fc.nat({ max: 999 }),
      resume: fc.constantFrom('one' as const, 'one' as const, 'two' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      when: moment,
      then: fc.constantFrom('cancel' as const, 'resume' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill-staging' as const), when: moment }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read-beside' as const), when: moment }) },
);

function rowsOf(table: Table, operation: Operation, existing: number): fc.Arbitrary<RowSpec[]> {
  const known = fc.record({
    kind: fc.constant('existing' as const),
    at: fc.nat({ max: Math.max(0, existing - 1) }),
    otherSpelling: fc.boolean(),
    asItIs: fc.constantFrom(false, false, true),
  });
  const repeat = fc.record({
    kind: fc.constant('repeat' as const),
    back: fc.integer({ min: 1, max: 4 }),
    sameCells: fc.boolean(),
    otherSpelling: fc.boolean(),
  });
  const fresh = fc.constant<RowSubject>({ kind: 'new' });
  const missing = fc.constant<RowSubject>({ kind: 'missing' });
  const subject: fc.Arbitrary<RowSubject> =
    operation === 'insert'
      ? fc.oneof({ weight: 8, arbitrary: fresh }, { weight: 1, arbitrary: repeat })
      : operation === 'upsert'
        ? fc.oneof({ weight: 4, arbitrary: fresh }, { weight: 4, arbitrary: known }, { weight: 1, arbitrary: repeat })
        : fc.oneof(
            { weight: 8, arbitrary: known },
            { weight: 1, arbitrary: repeat },
            { weight: 1, arbitrary: missing },
          );
  const row = fc.record({
    subject,
    cells: fc.tuple(...table.columns.map(({ cell }) => cell.raws)),
    ragged: fc.constantFrom(...Array.from({ length: 25 }, (_, at) => at === 24)),
  });
  return fc.oneof(
    { weight: 30, arbitrary: fc.array(row, { minLength: 1, maxLength: 30 }) },
    { weight: 1, arbitrary: fc.array(row, { minLength: 250, maxLength: 350 }) },
  );
}

const faults = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fault[]>([]) },
  {
    weight: 5,
    arbitrary: fc.array(
      fc.constantFrom(...FAULT_POINTS).chain((point) => faultOf(point)),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

const knobs = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ rowsPerSecond: fc.constantFrom(100, 400), queueDelay: fc.constantFrom(0, 30) }) },
  { weight: 1, arbitrary: fc.record({ shuffleResults: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ failJobAfterRows: fc.constantFrom(1, 5) }) },
  { weight: 1, arbitrary: fc.record({ commitLatency: fc.constantFrom(5, 40, 150) }) },
  { weight: 1, arbitrary: fc.record({ clockOffset: fc.constantFrom(-7_200_000, 300_000) }) },
  { weight: 1, arbitrary: fc.record({ lockRowEvery: fc.constantFrom(2, 7) }) },
);

/** How much befalls the loads: nothing, their orgs' faults alone, or everything. */
export const Weather = ['calm', 'faults', 'storm'] as const;
export type Weather = (typeof Weather)[number];

/** One load and what befalls it. */
export function sequencesOf(weather: Weather): fc.Arbitrary<Sequence> {
  const calm = weather === 'calm';
  return fc
    .tuple(
      fc.constantFrom(...(Object.keys(TABLES) as TableName[])),
      fc.constantFrom<Operation>('insert', 'insert', 'update', 'upsert', 'upsert', 'delete', 'hardDelete', 'undelete'),
      fc.integer({ min: 1, max: 12 }),
    )
    .chain(([table, operation, existing]) =>
      fc.record({
        table: fc.constant(table),
        operation: fc.constant(operation),
        // What befalls these jobs has a table of its own (`load/bulk-1.test.ts`).
        way:
          calm && operation !== 'undelete'
            ? fc.constantFrom(undefined, undefined, 'bulk-1' as const)
            : fc.constant(undefined),
        existing: fc.constant(operation === 'insert' ? 0 : existing),
        rows: rowsOf(TABLES[table], operation, existing),
        lineEnding: fc.constantFrom('\n' as const, '\r\n' as const),
        numbered: fc.boolean(),
        keyed: fc.boolean(),
        blankValues: fc.constantFrom('leave' as const, 'clear' as const),
        duplicateKeys: fc.constantFrom('ask' as const, 'first' as const, 'last' as const),
        jobMegabytes: fc.oneof(
          { weight: 3, arbitrary: fc.constant(MOST_JOB_MEGABYTES) },
          { weight: 1, arbitrary: fc.constantFrom(300, 900).map((bytes) => bytes / 1024 / 1024) },
        ),
        jobsAtOnce: fc.constantFrom(1, 2, 3, 5),
        faults: calm ? fc.constant([]) : faults,
        faultsFrom: fc.constantFrom('load' as const, 'load' as const, 'plan' as const),
        triesUnderFaults: fc.constantFrom(0, 0, 1, 2),
        disturbances: weather === 'storm' ? fc.array(disturbance, { minLength: 1, maxLength: 2 }) : fc.constant([]),
        knobs: calm ? fc.constant({}) : knobs,
      }),
    );
}
