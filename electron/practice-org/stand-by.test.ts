import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forkOrg, type ForkedOrg } from './test-support/forked-org.ts';

/** Hosts that start the practice org of one folder, each in a process of its own. */

let data: string;
let running: ForkedOrg[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'practice-org-two-'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((org) => org.kill()));
  rmSync(data, { recursive: true, force: true });
});

async function fork(): Promise<ForkedOrg> {
  const forked = await forkOrg(data, ['--records', '5']);
  running.push(forked);
  return forked;
}

const accounts = "SELECT Name FROM Account WHERE ERP_Id__c = 'S-1'";

/** Its own access tokens end with a process; refresh tokens and passwords are kept. */
async function found(forked: ForkedOrg): Promise<unknown[]> {
  const { org } = forked;
  org.token = await org.tokenOf('admin@practice.example');
  return org.query(accounts);
}

test('the second of a folder is the first one’s org, and goes on in its place with its state when that is killed', async () => {
  const first = await fork();
  await first.org.create('Account', { Name: 'Kept', ERP_Id__c: 'S-1' });
  const second = await fork();
  expect(second.org.url).toBe(first.org.url);
  expect(await found(second)).toMatchObject([{ Name: 'Kept' }]);
  await first.kill();
  await expect.poll(() => found(second).catch(() => null)).toMatchObject([{ Name: 'Kept' }]);
  expect(JSON.parse(readFileSync(join(data, 'in-use'), 'utf8'))).toMatchObject({ pid: second.pid });
}, 40_000);

test('of several that stand by one goes on, and the others are its', async () => {
  const first = await fork();
  const others = await Promise.all([fork(), fork(), fork()]);
  await first.kill();
  for (const other of others) await expect.poll(() => found(other).catch(() => null)).toEqual([]);
  await others[0]?.org.create('Account', { Name: 'One org', ERP_Id__c: 'S-1' });
  for (const other of others) expect(await found(other)).toMatchObject([{ Name: 'One org' }]);
}, 60_000);

test('where it is is told to this user only, and it comes back to where it was', async () => {
  const first = await fork();
  const { url } = first.org;
  if (process.platform !== 'win32')
    for (const name of ['address.json', 'in-use']) expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
  await first.end();
  expect(existsSync(join(data, 'in-use'))).toBe(false);
  const second = await fork();
  expect(second.org.url).toBe(url);
  await second.end();
  // Unless somebody else is there by now.
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(Number(new URL(url).port), '127.0.0.1', resolve));
  expect((await fork()).org.url).not.toBe(url);
  other.close();
});

test('an address of a process that is gone is nobody’s: the org is started', async () => {
  const gone = { pid: 2 ** 22 + 1, url: 'http://127.0.0.1:48123', adminUrl: 'http://127.0.0.1:48124' };
  writeFileSync(join(data, 'address.json'), JSON.stringify(gone));
  writeFileSync(join(data, 'in-use'), JSON.stringify({ pid: gone.pid, booted: 1 }));
  expect(await found(await fork())).toEqual([]);
});
