import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '60', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

test('an export says what it takes on stderr, and writes the format that the file is named for', async () => {
  const soql = 'SELECT Id, AnnualRevenue, Owner.Name FROM Account ORDER BY Id LIMIT 5';
  const { stdout, stderr, code } = await world.run(['export', '-q', soql, '--output-file', 'a.jsonl', '--json']);
  expect(code).toBe(0);
  expect(stderr).toContain('5 records, about 1 API call by REST API');
  expect(JSON.parse(stdout)).toMatchObject({ status: 0, result: { records: 5, way: 'rest' } });
  const lines = (await readFile(join(world.folder, 'a.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(
    Array(5).fill(['Id', 'AnnualRevenue', 'Owner.Name']),
  );
});

test('the way and the format can be chosen; what no way can read is refused, and nothing is written', async () => {
  const soql = 'SELECT Id FROM Account';
  const chosen = await world.run([
    'export',
    '-q',
    soql,
    '--output-file',
    'b.out',
    '--format',
    'parquet',
    '--way',
    'bulk',
  ]);
  expect(chosen.stderr).toMatch(/^\d+ records, about 5 API calls by Bulk API/);
  expect((await readFile(join(world.folder, 'b.out'))).subarray(0, 4).toString()).toBe('PAR1');
  const within = 'SELECT Id, (SELECT Id FROM Contacts) FROM Account';
  const refused = await world.run(['export', '-q', within, '--output-file', 'c.csv']);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('This query can’t be exported as rows and columns.');
  expect(await readdir(world.folder)).not.toContain('c.csv');
});

test('fields are written beside the rows of a file of keys', async () => {
  await world.run(['export', '-q', 'SELECT Id, Name FROM Account ORDER BY Id LIMIT 2', '--output-file', 'two.csv']);
  const [, first = ''] = (await readFile(join(world.folder, 'two.csv'), 'utf8')).replaceAll('"', '').split('\n');
  const [id = '', name = ''] = first.split(',');
  await writeFile(join(world.folder, 'keys.csv'), `Note,Account\nx,${id}\ny,nothing\nz,\n`);
  const flags = ['--keys', 'keys.csv', '--key-column', 'account', '--output-file', 'with.csv'];
  const { stdout, stderr, code } = await world.run(['export', '-q', 'SELECT Name FROM Account', ...flags]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^\d+ API calls?\n$/)]);
  expect(stdout).toContain('3 rows written to with.csv: 1 found, 1 not found, 0 with several records, 1 without a key');
  expect(await readFile(join(world.folder, 'with.csv'), 'utf8')).toBe(
    `sf__Found,Name,Note,Account\n1,${name},x,${id}\n0,,y,nothing\n,,z,\n`,
  );
  const wrong = await world.run(['export', '-q', 'SELECT Name FROM Account LIMIT 5', ...flags]);
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('the keys say which records')]);
});
