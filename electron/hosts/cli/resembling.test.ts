import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

const HEADER = 'FirstName,LastName,Company,Email,Phone,City';
const NAMES = ['Adelheid', 'Bertrand', 'Cosima', 'Dietmar', 'Edeltraud', 'Florian', 'Gisela', 'Hartmut'];

/** People of whom no two are alike, by their number. */
const lead = (n: number): string => {
  const [first, last] = [
    NAMES[n % 8] ?? '',
    `${['Achter', 'Bruch', 'Czer', 'Dorn', 'Esch'][Math.floor(n / 8)] ?? ''}mann`,
  ];
  return `${first},${last},Werke ${n * 17} GmbH,${first}.${last}@werke${n}.example,+49 30 ${4000000 + n * 7919},Bremen`;
};

let world: CliWorld;
async function leads(name: string, rows: readonly string[]): Promise<string[]> {
  await writeFile(join(world.folder, `${name}.csv`), `${[HEADER, ...rows].join('\n')}\n`);
  return ['-f', `${name}.csv`, '-s', 'Lead', '--operation', 'insert'];
}

async function inOrg(): Promise<number> {
  const soql = "SELECT Id FROM Lead WHERE Company LIKE 'Werke%'";
  const exported = await world.run(['export', '-q', soql, '--output-file', 'all.csv', '--json']);
  return (JSON.parse(exported.stdout) as { result: { records: number } }).result.records;
}

const KNOWN = Array.from({ length: 16 }, (_none, n) => lead(n));

beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
  expect((await world.run(['load', ...(await leads('known', KNOWN))])).code).toBe(0);
});
afterAll(() => world.close());

test('rows that resemble records are shown with their reasons, and the plan stays as it is', async () => {
  const rows = [lead(3).replace('Bremen', 'Hamburg'), ...Array.from({ length: 15 }, (_none, n) => lead(n + 16))];
  const { code, stdout } = await world.run(['plan', ...(await leads('fair', rows)), '--resembling', 'show']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Compared 16 rows with \d+ records by First Name, Last Name, Company, Email, Phone, City\. \d+ API calls\./,
  );
  expect(stdout).toMatch(/ {2}Row 1 resembles 00Q\w{15}: \d+\.\d \(\+\d+\.\d same/);
  expect(stdout).toContain('16 create');
});

test('they update their records, and what would have to be asked about is not sent, with exit code 4', async () => {
  const before = await inOrg();
  const twice = lead(5);
  const rows = [lead(4).replace('Bremen', 'Kiel'), twice, twice.replace('Bremen', 'Bonn'), lead(31), lead(32)];
  const load = ['load', ...(await leads('sure', rows)), '--resembling', 'update', '--json'];
  const { code, stdout } = await world.run(load);
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({
    status: 4,
    result: { counts: { created: 2, updated: 1, leftOut: 2, failed: 0 } },
  });
  expect(await inOrg()).toBe(before + 2);
  // Once more: whoever was created is there now, and nobody is there twice.
  const again = await world.run(['load', ...(await leads('again', rows.slice(3))), '--resembling', 'skip']);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('2 left out')]);
  expect(await inOrg()).toBe(before + 2);
});

test('for objects that can’t be compared, and a score alone, it is a wrong use', async () => {
  await writeFile(join(world.folder, 'bolts.csv'), 'Name\nBolt\n');
  const bolts = await world.run(['plan', '-f', 'bolts.csv', '-s', 'Product2', '--resembling', 'show']);
  expect([bolts.code, bolts.stderr]).toEqual([1, expect.stringContaining('accounts, contacts, and leads')]);
  const score = await world.run(['plan', ...(await leads('score', [lead(1)])), '--resembling-score', '5']);
  expect(score.code).toBe(1);
});
