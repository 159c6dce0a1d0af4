import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FailureError } from '../../../../shared/contract/failure.ts';
import { failureText } from '../../../../shared/text/failure-text.ts';
import { noticeText } from '../../../../shared/text/notice-text.ts';
import { CollectingSink, openPart } from '../open-part.ts';
import { findColumns, readPart } from '../read-part.ts';
import { flattenRecord } from './flatten.ts';
import { JsonElements, JsonLines } from './json-elements.ts';
import { jsonLayoutOf } from './open-json.ts';

const never = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-json-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string | Buffer) {
  const path = join(folder, 'x.json');
  await writeFile(path, text);
  const file = { path, fileName: 'x.json', arriving: null };
  const opened = await openPart(file, {}, never);
  const part = { ...file, format: opened.format, stamp: null };
  const found = await findColumns([part], never);
  const sink = new CollectingSink(',');
  await readPart(part, found?.names ?? [], sink, () => Promise.resolve(), createHash('sha256'), never);
  return {
    format: opened.format,
    columns: found?.names,
    said: found?.notices.map((notice) => noticeText(notice).text),
    rows: sink.records.map(({ line, cells, problem }) => ({ line, cells, problem })),
    originals: sink.records.map(({ original }) => original?.toString() ?? null),
    blankLines: sink.blankLines,
  };
}

async function refusal(text: string): Promise<string> {
  const error = await read(text).catch((reason: unknown) => reason);
  if (error instanceof FailureError) return failureText(error.failure).title;
  return 'it was read';
}

describe('an array of records', () => {
  test('a key with a dot beside a nested value: in one record refused, in two of them said', async () => {
    const one = await read('[{"a.b": 1, "a": {"b": 2}}, {"a.b": 3}]');
    expect(one.rows.map(({ problem }) => problem)).toEqual(['REPEATED_KEY', null]);
    const two = await read('[{"a.b": 1}, {"a": {"b": 2}}, {"c": {"d": 1}}, {"c": {"d": 2}}]');
    expect(two.columns).toEqual(['a.b', 'c.d']);
    expect(two.said).toContain(
      '1 column (a.b): some records have the name as one key, others as a value within another. Both are read into the same column.',
    );
    expect((await read('[{"a.b": 1}, {"a.b": 2}]')).said).toEqual([]);
  });

  test('nested values by one rule, numbers digit by digit, keys that only a later record has', async () => {
    const { columns, rows, said } = await read(
      `[
  {"attributes": {"type": "Contact", "url": "/x"}, "Name": "Müller", "Amount": 1.10, "Id": 12345678901234567890,
   "Owner": {"attributes": {"type": "User"}, "Name": "Jane", "Role": {"Name": "Boss"}}, "Tags": ["a", "b", 3], "Ok": true, "Gone": null},
  {"Name": "line\\nbreak", "Lines": [{"n": 1.50}, {"n": "2"}], "Late": "yes"}
]`,
    );
    expect(columns).toEqual([
      'Name',
      'Amount',
      'Id',
      'Owner.Name',
      'Owner.Role.Name',
      'Tags',
      'Ok',
      'Gone',
      'Lines',
      'Late',
    ]);
    expect(rows).toEqual([
      {
        line: 2,
        problem: null,
        cells: ['Müller', '1.10', '12345678901234567890', 'Jane', 'Boss', 'a;b;3', 'true', '', '', ''],
      },
      { line: 4, problem: null, cells: ['line\nbreak', '', '', '', '', '', '', '', '[{"n":1.50},{"n":"2"}]', 'yes'] },
    ]);
    expect(said).toEqual([
      'Nested values became 2 columns with dotted names (Owner.Name, Owner.Role.Name). Lists are joined with semicolons.',
    ]);
  });
  test('the records of a query’s answer, wherever they lie in it', async () => {
    const { rows, format } = await read(
      '{"status":0,"result":{"totalSize":2,"note":"a \\"[{\\" in text","records":[{"Id":"1"},{"Id":"2"}],"done":true}}',
    );
    expect(format).toMatchObject({ kind: 'json', layout: 'array' });
    expect(rows.map(({ cells }) => cells)).toEqual([['1'], ['2']]);
  });
  test('records that are none, or broken, are not sent, and kept with their text; the others are read', async () => {
    const { rows, originals } = await read('[{"a":1},\n42,\n{"a":tru},\n{"a":"x\\u0000y"},{"a":2}]');
    expect(rows).toEqual([
      { line: 1, cells: ['1'], problem: null },
      { line: 2, cells: ['42'], problem: 'NOT_AN_OBJECT' },
      { line: 3, cells: ['{"a":tru}'], problem: 'BROKEN_JSON' },
      { line: 4, cells: ['x\0y'], problem: 'NUL_CHARACTER' },
      { line: 4, cells: ['2'], problem: null },
    ]);
    expect(originals.slice(0, 3)).toEqual([null, '42', '"{""a"":tru}"']);
  });
  test('what ends in the middle, or holds no records, is refused with the place', async () => {
    expect(await refusal('[{"a":1},\n{"a":')).toBe(
      '“x.json” can’t be read as JSON: the array of records has no end (line 2).',
    );
    expect(await refusal('{"a":\n{"b":1}}')).toBe(
      '“x.json” can’t be read as JSON: it contains no array of records (line 1).',
    );
    expect(await refusal('[]')).toBe('“x.json” has 0 columns but no rows.');
  });
});

describe('JSON Lines', () => {
  test('a record a line; blank lines are none, broken ones are not sent', async () => {
    const { rows, format, blankLines } = await read('{"a":1}\n\n{"a":\n{"a":"3","b":[]}\r\n');
    expect(format).toMatchObject({ layout: 'lines' });
    expect(rows).toEqual([
      { line: 1, cells: ['1', ''], problem: null },
      { line: 3, cells: ['{"a":'], problem: 'BROKEN_JSON' },
      { line: 4, cells: ['3', ''], problem: null },
    ]);
    expect(blankLines).toBe(1);
  });
});

test('what is JSON and what only begins like it', () => {
  const layouts = [
    '[{"a":1}]',
    '[ ]',
    '{"a":1}\n{"a":2}',
    '{"a":1}',
    '{"records":[{"a":1}]}',
    '{\n"a":1}',
    '[Id],Name\n1,2',
    '{Name},b\n',
  ];
  const wrapped = [
    '{"@odata.context":"x","value":[{"a":1}]}',
    '{"contacts":[{"a":1}],"total":1}',
    '{"name":"x","lines":[{"a":1}]}',
  ];
  expect(wrapped.map(jsonLayoutOf)).toEqual(['array', 'array', 'lines']);
  expect(layouts.map(jsonLayoutOf)).toEqual(['array', 'array', 'lines', 'lines', 'array', 'array', null, null]);
});

describe('cutting is the same however the text arrives', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '[', ']', '{', '}', ',', '\n', 'é', ' '),
    maxLength: 10,
  });
  const record = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 3 })));
  const pieces = (whole: string, size: number) =>
    Array.from({ length: Math.ceil(whole.length / size) }, (_all, n) => whole.slice(n * size, (n + 1) * size));

  test.each([
    ['an array', (records: object[]) => JSON.stringify(records, null, 1), () => new JsonElements('x')],
    ['lines', (records: object[]) => records.map((one) => JSON.stringify(one)).join('\n'), () => new JsonLines('x')],
  ])('%s', (_name, write, cutter) => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        (records, size) => {
          const cutting = cutter();
          const found = pieces(write(records), size).flatMap((piece) => cutting.push(piece, false));
          found.push(...cutting.push('', true));
          expect(found.map((element) => JSON.parse(element.text) as unknown)).toEqual(
            JSON.parse(JSON.stringify(records)),
          );
        },
      ),
    );
  });
});

test('names that objects have of themselves are columns like others', () => {
  const flat = flattenRecord('{"__proto__":"x","constructor":"y","toString":{"length":1}}');
  expect(flat.kind === 'record' && [...flat.values]).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
    ['toString.length', '1'],
  ]);
});
