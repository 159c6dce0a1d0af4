import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import { CleaningStep, columnsMadeBy } from '../../../shared/domain/cleaning.ts';
import { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { JobDefinition } from '../../../shared/domain/job.ts';
import { fromJobMapping, neededColumns, toJobMapping } from '../../../shared/domain/job-mapping.ts';
import { jobFileProblemText } from '../../../shared/text/job-text.ts';
import { readJobFile, writeJobFile } from './job-file.ts';

/** Texts that YAML would take for something else, and texts of any characters. */
const text = fc.oneof(
  fc.constantFrom(
    'Name',
    'name',
    '',
    'yes',
    'no',
    '1.0',
    '0x1F',
    '2026-01-01',
    '~',
    'null',
    '- a',
    'a: b',
    ' # x',
    '"',
    "'",
  ),
  fc.constantFrom(
    'line\nbreak',
    'carriage\rreturn',
    '\u0085',
    '\u2028',
    '\uFEFF',
    '*a',
    '&a',
    '!t',
    '<<',
    '%x',
    '---',
    '? a',
    '\t',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const filled = text.filter((one) => one.length > 0);
const apiName = fc.constantFrom('Name', 'ERP_Id__c', 'Phone', 'No', 'Null__c', 'Account');
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(
    value.map((one) => ({ [key]: one })),
    { nil: {} },
  );
const format = fc.record(
  {
    dateOrder: fc.constantFrom('ymd', 'dmy', 'mdy'),
    decimal: fc.constantFrom('point', 'comma'),
    timeZone: fc.constantFrom('Europe/Berlin', 'UTC'),
  },
  { requiredKeys: [] },
);
const fix = fc.oneof(
  fc.constant({ kind: 'round' }),
  filled.map((one) => ({ kind: 'fill', text: one })),
  text.map((value) => ({ kind: 'exclude', value })),
);
const policies = fc.record(
  {
    upsert: fc.constantFrom('update-only', 'create-only'),
    fillBlanksOnly: fc.boolean(),
    unlessChangedSince: fc.integer({ min: 0 }),
    way: fc.constantFrom('bulk', 'bulk-1', 'collections', 'automatic'),
    stopAfter: fc.oneof(fc.constant({ failures: 100 }), fc.constant({ percent: 5.5 })),
    jobsAtOnce: fc.integer({ min: 1, max: 10 }),
    assignmentRule: text.map((name) => ({ id: '01Q000000000001', name })),
  },
  { requiredKeys: [] },
);

function stepOver(columns: number): fc.Arbitrary<unknown> {
  const column = fc.integer({ min: 0, max: columns - 1 });
  const several = fc.array(column, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    several.map((places) => ({ kind: 'trim', columns: places })),
    fc.record({ kind: fc.constant('find-replace'), columns: several, find: filled, replacement: text }),
    fc.record({
      kind: fc.constant('map-values'),
      columns: several,
      values: fc.array(fc.record({ from: text, to: text }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('split'),
      column,
      separator: filled,
      names: fc.array(text, { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('join'), columns: several, separator: text, name: filled }),
    fc.record({ kind: fc.constant('constant'), value: filled, name: filled }),
    fc.constant({ kind: 'remove-duplicates' }),
  );
}

function targetOver(columns: number): fc.Arbitrary<unknown> {
  const ids = { whenNone: fc.constantFrom('home', 'without', 'unasked'), whenInactive: fc.constantFrom('home', 'use') };
  const and = fc.record({ parentField: apiName, column: fc.integer({ min: 0, max: columns - 1 }) });
  return fc.oneof(
    fc.constant({ kind: 'ignored' }),
    apiName.map((field) => ({ kind: 'field', field })),
    fc.record({ kind: fc.constant('field'), field: apiName, ids: fc.record(ids) }),
    fc.record({
      kind: fc.constant('lookup'),
      field: apiName,
      relationshipName: apiName,
      parentObject: apiName,
      parentField: apiName,
      polymorphic: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('found'),
      field: apiName,
      parentObject: apiName,
      parentField: apiName,
      and: fc.option(and, { nil: null }),
      whenNone: fc.constantFrom('home', 'without'),
      whenSeveral: fc.constantFrom('home', 'oldest'),
      whenInactive: fc.constantFrom('home', 'use'),
    }),
  );
}

/** A mapping of any columns, as a window makes it. */
const mapped = fc.array(text, { minLength: 1, maxLength: 6 }).chain((fileColumns) =>
  fc.array(stepOver(fileColumns.length), { maxLength: 3 }).chain((given) => {
    const cleaning = given.map((step) => CleaningStep.parse(step));
    const total = fileColumns.length + cleaning.flatMap(columnsMadeBy).length;
    const place = fc.integer({ min: 0, max: total - 1 });
    const places = fc.array(place, { minLength: 1, maxLength: 3 });
    const replacements = fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      text,
      { maxKeys: 3 },
    );
    const columns = Array.from({ length: total }, (_, column) =>
      fc
        .tuple(
          fc.record({ target: targetOver(total), format, replacements, fixes: fc.array(fix, { maxLength: 2 }) }),
          optional('neverOverwrite', fc.boolean()),
        )
        .map(([entry, more]) => ({ column, reason: 'file', ...entry, ...more })),
    );
    const similar = fc
      .tuple(
        fc.record({
          columns: places,
          equal: fc.array(place, { maxLength: 2 }),
          keep: fc.constantFrom('all', 'newest'),
        }),
        optional('newestBy', place),
        optional('threshold', fc.integer({ min: -200, max: 200 })),
      )
      .map(([by, ...more]) => Object.assign({}, by, ...more) as object);
    return fc
      .tuple(
        fc.record({
          objectName: apiName,
          operation: fc.constantFrom('insert', 'update', 'upsert', 'delete', 'hardDelete', 'undelete'),
          matchField: fc.option(apiName, { nil: null }),
          columns: fc.tuple(...columns),
          blankValues: fc.constantFrom('leave', 'clear'),
          duplicateKeys: fc.constantFrom('ask', 'first', 'newest', 'merge'),
        }),
        optional('newestBy', place),
        optional('repeatedBy', places),
        optional('similar', similar),
        optional('policies', policies),
        optional('shownFields', fc.array(apiName, { maxLength: 2 })),
      )
      .map(([mapping, ...more]) => ({
        fileColumns,
        cleaning,
        mapping: FieldMapping.parse(Object.assign({}, mapping, ...more)),
      }));
  }),
);
const path = fc.constantFrom('/data/accounts.csv', 'C:\\data\\no', './a: b.csv', '2026');
const source = fc.oneof(
  path.map((one) => ({ kind: 'file' as const, path: one })),
  fc.record({ kind: fc.constant('files' as const), paths: fc.array(path, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('folder' as const),
    folder: path,
    pattern: fc.constantFrom('*.csv', '*', '?'),
    take: fc.constantFrom('all' as const, 'newest' as const),
  }),
);
const rules = fc
  .tuple(
    optional(
      'resembling',
      fc
        .tuple(
          fc.constantFrom('update', 'merge', 'skip', 'create').map((then) => ({ then })),
          optional(
            'threshold',
            fc.double({ min: -200, max: 200, noNaN: true }).map((one) => one + 0),
          ),
        )
        .map(([then, threshold]) => ({ ...then, ...threshold })),
    ),
    optional('apiBudgetPercent', fc.integer({ min: 1, max: 100 })),
    optional(
      'guards',
      fc.record(
        {
          shrunkPercent: fc.option(fc.integer({ min: 1, max: 100 })),
          changesTimes: fc.option(fc.integer({ min: 1, max: 1000 })),
          deletesPercent: fc.option(fc.integer({ min: 0, max: 100 })),
          deletes: fc.option(fc.nat()),
          failedPercent: fc.option(fc.integer({ min: 1, max: 100 })),
          failedRuns: fc.option(fc.integer({ min: 1, max: 100 })),
        },
        { requiredKeys: [] },
      ),
    ),
    optional(
      'schedule',
      fc.constantFrom(
        { kind: 'hourly', minute: 0, zone: 'UTC', missed: 'skip' },
        {
          kind: 'nightly',
          at: '02:30',
          zone: 'Europe/Berlin',
          blackOuts: [{ from: '22:00', to: '04:00', on: ['sat'] }],
        },
        { kind: 'weekly', on: ['mon', 'sun'], at: '00:00', zone: 'America/New_York', confirmOrg: 'Acme: “1”' },
        { kind: 'cron', cron: '*/5 1-3 * * MON-FRI', zone: 'Asia/Kathmandu' },
        { kind: 'after', job: 'no: 1' },
        { kind: 'watch', settleSeconds: 3, move: true },
      ),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const NAMED = {
  name: 'Nightly accounts',
  org: { organization: '00D000000000001EAA', username: 'admin@acme.example' },
  source: { kind: 'file' as const, path: '/data/accounts.csv' },
};

test('any job is the same job after it was written as YAML and read again, and its mapping the same mapping', () => {
  fc.assert(
    fc.property(mapped, source, rules, (given, from, ruled) => {
      const definition = JobDefinition.parse({ ...NAMED, source: from, ...toJobMapping(given), ...ruled });
      const again = readJobFile(writeJobFile(definition), 'job.yaml');
      expect(again).toEqual(definition);
      const { file, unknown } = fromJobMapping(again);
      expect(unknown).toEqual([]);
      expect({ fileColumns: file.fileColumns, cleaning: file.cleaning, mapping: file.mapping }).toEqual(given);
    }),
    { numRuns: 300 },
  );
});

test('every column that a job names is one that it needs', () => {
  const given = {
    fileColumns: ['Key', 'Name', 'Name', 'Region', 'When', 'Note'],
    cleaning: [CleaningStep.parse({ kind: 'trim', columns: [5] })],
    mapping: FieldMapping.parse({
      objectName: 'Account',
      operation: 'upsert',
      matchField: 'ERP_Id__c',
      blankValues: 'leave',
      duplicateKeys: 'newest',
      newestBy: 4,
      columns: [0, 1, 2, 3, 4, 5].map((column) => ({
        column,
        target:
          column === 0
            ? { kind: 'field', field: 'ERP_Id__c' }
            : column === 2
              ? {
                  kind: 'found',
                  field: 'OwnerId',
                  parentObject: 'User',
                  parentField: 'Name',
                  and: { parentField: 'City', column: 3 },
                }
              : { kind: 'ignored' },
        reason: 'chosen',
        format: {},
        replacements: {},
        fixes: [],
      })),
    }),
  };
  const job = toJobMapping(given);
  expect(neededColumns(job)).toEqual([0, 2, 3, 4, 5]);
  expect(job.columns[2]).toMatchObject({ column: 'Name', fills: { kind: 'found', and: { column: 'Region' } } });
});

const GOOD = `kind: longshore-job
version: 1
name: Nightly accounts
org:
  organization: 00D000000000001EAA
  username: admin@acme.example
source:
  kind: file
  path: accounts.csv
object: Account
operation: upsert
matchField: ERP_Id__c
columns:
  - column: ERP
    fills: ERP_Id__c
  - column: Parent
    fills:
      kind: lookup
      field: ParentId
      relationshipName: Parent
      parentObject: Account
      parentField: ERP_Id__c
      polymorphic: false
blankValues: leave
repeated:
  keep: ask
`;

test('a job that was written by hand is read', () => {
  expect(readJobFile(GOOD, 'job.yaml')).toMatchObject({
    name: 'Nightly accounts',
    columns: [{ fills: 'ERP_Id__c' }, {}],
  });
});

test.each<[string, (good: string) => string, string]>([
  ['no YAML', (good) => good.replace('org:', 'org: ['), 'this is not YAML that can be read'],
  [
    'a key twice',
    (good) => `${good}object: Contact\n`,
    'Line 27: this is not YAML that can be read (Map keys must be unique',
  ],
  ['another file', () => 'a,b\n1,2\n', 'this is not a job of Longshore. A job begins with “kind: longshore-job”'],
  ['a later version', (good) => good.replace('version: 1', 'version: 2'), 'this is version 2, of a later Longshore'],
  [
    'a key that nothing reads',
    (good) => good.replace('keep: ask', 'keep: ask\n  newestby: ERP'),
    'Line 27: repeated.newestby is not known. Check its spelling, or remove it.',
  ],
  ['a secret', (good) => good.replace('username:', 'password: x\n  username:'), 'Line 6: org.password is not known.'],
  ['a missing key', (good) => good.replace('object: Account\n', ''), 'object is missing. Add it.'],
  [
    'a schedule at a time that is none',
    (good) => `${good}schedule:\n  kind: nightly\n  at: 2:30\n  zone: Europe/Berlin\n`,
    'Line 29: schedule.at is “2:30”, which can’t be used here.',
  ],
  [
    'a schedule without its zone',
    (good) => `${good}schedule: { kind: nightly, at: 02:30 }\n`,
    'schedule.zone is missing. Add it.',
  ],
  [
    'black-outs without a zone',
    (good) => `${good}schedule: { kind: watch, blackOuts: [{ from: 22:00, to: 04:00 }] }\n`,
    'schedule.zone is missing. Add it.',
  ],
  [
    'a pattern that only some programs know',
    (good) => `${good}schedule: { kind: cron, cron: "0 0 L * *", zone: UTC }\n`,
    'schedule.cron is “0 0 L * *”, which can’t be used here.',
  ],
  [
    'a kind of schedule that there is not',
    (good) => `${good}schedule: { kind: daily, at: 02:30, zone: UTC }\n`,
    'schedule.kind is “daily”',
  ],
  [
    'a value that is none of some',
    (good) => good.replace('upsert', 'merge'),
    'Line 11: operation is “merge”. Use one of “insert”, “update”, “upsert”, “delete”, “hardDelete”, “undelete”.',
  ],
  [
    'a number for a text',
    (good) => good.replace('Nightly accounts', '42'),
    'Line 3: name is “42”. It must be text. Put it in quotation marks.',
  ],
  [
    'no org that is one',
    (good) => good.replace('00D000000000001EAA', '00D1'),
    'Line 5: org.organization is “00D1”, which can’t be used here.',
  ],
  [
    'a kind of lookup that is none',
    (good) => good.replace('kind: lookup', 'kind: lokup'),
    'Line 18: columns[2].fills.kind is “lokup”',
  ],
  [
    'a lookup without its parent',
    (good) => good.replace('      parentObject: Account\n', ''),
    'columns[2].fills.parentObject is missing. Add it.',
  ],
  [
    'a column that is not there',
    (good) => `${good}  newestBy: When\n`,
    'Line 27: repeated.newestBy is “When”, and the job has no such column.',
  ],
  [
    'columns of cleaning that are not listed',
    (good) => `${good}cleaning:\n  - kind: constant\n    value: x\n    name: Source\n`,
    'madeColumns must list the columns that cleaning makes, in this order: “Source”.',
  ],
  [
    'a reference',
    (good) =>
      good.replace('object: Account', 'object: &a Account').replace('parentObject: Account', 'parentObject: *a'),
    'references (*name) are not used here',
  ],
  ['a tag', (good) => good.replace('object: Account', 'object: !!js/function Account'), 'Unresolved tag'],
])('%s is told by line, value, rule, and what to do', (_name, spoil, words) => {
  const read = () => readJobFile(spoil(GOOD), 'job.yaml');
  let told = '';
  try {
    read();
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'JOB_FILE_UNREADABLE') throw error;
    told = error.failure.problems.map(jobFileProblemText).join('\n');
  }
  expect(told).toContain(words);
});

test('a file that is too large is not parsed', () => {
  expect(() => readJobFile(`kind: longshore-job\n${'#'.repeat(1_000_001)}`, 'job.yaml')).toThrow('JOB_FILE_UNREADABLE');
});
