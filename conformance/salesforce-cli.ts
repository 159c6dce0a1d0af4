import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFaults, signInOnPages, type Checks, type OrgUnderTest, type Places } from './checks.ts';
import { quietCli } from './install-clients.ts';
import { runProgram, type Ran } from './run-program.ts';

/** What `sf … --json` prints. */
interface JsonResult<T> {
  readonly status: number;
  readonly result: T;
  readonly message?: string;
}

/** The official CLI's commands for data and orgs, as an admin types them. */
export async function checkSalesforceCli(org: OrgUnderTest, places: Places, checks: Checks): Promise<void> {
  const home = join(places.work, 'sf-home');
  const cwd = join(places.work, 'sf-project');
  mkdirSync(home, { recursive: true });
  mkdirSync(cwd, { recursive: true });
  const base = { ...quietCli(home), SF_AUDIENCE_URL: org.url, NODE_EXTRA_CA_CERTS: org.certificate };
  const program = join(places.clients, 'node_modules/@salesforce/cli/bin/run.js');
  const sf = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
    runProgram(process.execPath, [program, ...args], { cwd, env: { ...base, ...env } });
  const good = async (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> => {
    const ran = await sf(args, env);
    assert.equal(ran.code, 0, `sf ${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`);
    return ran;
  };
  const json = async <T>(args: string[], env: NodeJS.ProcessEnv = {}): Promise<T> => {
    const ran = await sf([...args, '--json'], env);
    const parsed = JSON.parse(ran.stdout) as JsonResult<T>;
    assert.equal(parsed.status, 0, `sf ${args.join(' ')}: ${parsed.message ?? ran.stdout}`);
    return parsed.result;
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(cwd, name), text);
    return name;
  };
  const records = async (soql: string): Promise<Record<string, unknown>[]> =>
    (await json<{ records: Record<string, unknown>[] }>(['data', 'query', '-o', 'po', '-q', soql])).records;

  await checks.run('org login access-token', async () => {
    await good(
      ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--alias', 'po', '--set-default'],
      { SF_ACCESS_TOKEN: org.accessToken },
    );
  });
  await checks.run('org login jwt', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const args = ['org', 'login', 'jwt', '--username', 'integration@practice.example', '--jwt-key-file', 'key.pem'];
    await good([...args, '--client-id', 'Conformance', '--instance-url', org.url, '--alias', 'jwt']);
  });
  await checks.run('org login jwt is refused for a user who has not approved the app', async () => {
    const args = ['org', 'login', 'jwt', '--username', 'unapproved@practice.example', '--jwt-key-file', 'key.pem'];
    const ran = await sf([...args, '--client-id', 'Conformance', '--instance-url', org.url]);
    assert.notEqual(ran.code, 0);
    assert.match(ran.stderr + ran.stdout, /user hasn't approved this consumer/);
  });
  await checks.run('org login web, and a refresh when the session has ended', async () => {
    const helper = file(
      'sign-in.mjs',
      `import { signInOnPages } from ${JSON.stringify(join(import.meta.dirname, 'checks.ts'))};
await fetch(await signInOnPages(process.argv[2], 'standard@practice.example'));
`,
    );
    // The CLI waits for its browser to end: this one leaves the signing in to a process of its own.
    const browser = join(cwd, 'browser.sh');
    writeFileSync(
      browser,
      `#!/bin/sh\nfor url; do :; done\n("${process.execPath}" "${join(cwd, helper)}" "$url" >/dev/null 2>&1 &)\nexit 0\n`,
      { mode: 0o755 },
    );
    await good(
      ['org', 'login', 'web', '--instance-url', org.url, '--alias', 'web', '--browser', 'chrome'].slice(0, -2),
      {
        BROWSER: browser,
        XDG_DATA_DIRS: '/nonexistent',
        XDG_DATA_HOME: '/nonexistent',
        XDG_CONFIG_DIRS: '/nonexistent',
        DISPLAY: ':9',
      },
    );
    await setFaults(org, [{ path: '/query', action: { kind: 'expire-session' } }]);
    const result = await json<{ totalSize: number }>([
      'data',
      'query',
      '-o',
      'web',
      '-q',
      'SELECT Id FROM Account LIMIT 3',
    ]);
    assert.equal(result.totalSize, 3);
    await setFaults(org, []);
    await good(
      ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--alias', 'po', '--set-default'],
      {
        SF_ACCESS_TOKEN: await freshToken(org),
      },
    );
  });
  await checks.run('org login sfdx-url over TLS', async () => {
    const { port } = new URL(org.tlsUrl);
    file('url.txt', `force://PlatformCLI::${await refreshToken(org)}@localhost:${port}`);
    await good(['org', 'login', 'sfdx-url', '--sfdx-url-file', 'url.txt', '--alias', 'tls']);
    const result = await json<{ totalSize: number }>([
      'data',
      'query',
      '-o',
      'tls',
      '-q',
      'SELECT Id FROM Account LIMIT 2',
    ]);
    assert.equal(result.totalSize, 2);
  });
  await checks.run('an access token as the target org', async () => {
    const args = ['data', 'query', '-o', await freshToken(org), '-q', 'SELECT COUNT() FROM Account'];
    const result = await json<{ totalSize: number }>(args, { SF_ORG_INSTANCE_URL: org.url });
    assert.ok(result.totalSize >= 300);
  });
  await checks.run('org display, org list, limits', async () => {
    const display = await json<{ instanceUrl: string; username: string }>(['org', 'display', '-o', 'po']);
    assert.equal(display.username, 'admin@practice.example');
    await json(['org', 'list']);
    const limits = await json<{ name: string }[]>(['org', 'list', 'limits', '-o', 'po']);
    assert.ok(limits.some((limit) => limit.name === 'DailyApiRequests'));
    await good(['limits', 'api', 'display', '-o', 'po']);
  });
  await checks.run('sobject list and describe', async () => {
    const names = await json<string[]>(['sobject', 'list', '-o', 'po', '--sobject', 'all']);
    assert.ok(names.includes('Account') && names.includes('Shipment__c'));
    const describe = await json<{ fields: { name: string }[] }>([
      'sobject',
      'describe',
      '-o',
      'po',
      '--sobject',
      'Account',
    ]);
    assert.ok(describe.fields.length > 50);
  });
  await checks.run('data query as a table, as CSV, with relationships, sub-queries and aggregates', async () => {
    const table = await good([
      'data',
      'query',
      '-o',
      'po',
      '-q',
      'SELECT Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 5',
    ]);
    assert.match(table.stdout, /Total number of records retrieved: 5/);
    const csv = await good([
      'data',
      'query',
      '-o',
      'po',
      '-r',
      'csv',
      '-q',
      'SELECT Id, Account.Name FROM Contact LIMIT 2',
    ]);
    assert.equal(csv.stdout.split('\n')[0], 'Id,Account.Name');
    const groups = await records('SELECT Rating, COUNT(Id) n FROM Account GROUP BY Rating ORDER BY COUNT(Id) DESC');
    assert.ok(groups.every((group) => typeof group['n'] === 'number'));
  });
  await checks.run('data query with a mistake says where', async () => {
    const ran = await sf(['data', 'query', '-o', 'po', '-q', 'SELECT Nme FROM Account']);
    assert.notEqual(ran.code, 0);
    assert.match(ran.stderr, /No such column 'Nme' on entity 'Account'/);
    assert.match(ran.stderr, /ERROR at Row:1:Column:8/);
  });
  await checks.run('data create, get, update and delete record', async () => {
    const { id } = await json<{ id: string }>([
      'data',
      'create',
      'record',
      '-o',
      'po',
      '-s',
      'Account',
      '-v',
      "Name='Harbor Test' Rating=Hot",
    ]);
    const got = await json<{ Name: string; Rating: string }>([
      'data',
      'get',
      'record',
      '-o',
      'po',
      '-s',
      'Account',
      '-w',
      "Name='Harbor Test'",
    ]);
    assert.equal(got.Rating, 'Hot');
    await json(['data', 'update', 'record', '-o', 'po', '-s', 'Account', '-i', id, '-v', 'Rating=Cold']);
    assert.equal((await records(`SELECT Rating FROM Account WHERE Id = '${id}'`))[0]?.['Rating'], 'Cold');
    await json(['data', 'delete', 'record', '-o', 'po', '-s', 'Account', '-i', id]);
    assert.deepEqual(await records(`SELECT Id FROM Account WHERE Id = '${id}'`), []);
  });
  const lines = (count: number, line: (n: number) => string): string =>
    Array.from({ length: count }, (_all, n) => line(n)).join('\n');
  await checks.run('data import bulk', async () => {
    file('import.csv', `Name,ERP_Id__c,Phone\n${lines(450, (n) => `"Bulk, ${n}",SF-${n},${n}`)}\n`);
    const result = await json<{ processedRecords: number; failedRecords: number }>([
      'data',
      'import',
      'bulk',
      '-o',
      'po',
      '-s',
      'Account',
      '-f',
      'import.csv',
      '-w',
      '5',
    ]);
    assert.equal(result.processedRecords, 450);
    assert.equal(result.failedRecords, 0);
  });
  await checks.run('data upsert bulk, with rows that fail, and data bulk results', async () => {
    file(
      'upsert.csv',
      `ERP_Id__c,Name,Rating\n${lines(30, (n) => `SF-${n},Renamed ${n},${n < 3 ? 'Boiling' : 'Hot'}`)}\n`,
    );
    const ran = await sf([
      'data',
      'upsert',
      'bulk',
      '-o',
      'po',
      '-s',
      'Account',
      '-f',
      'upsert.csv',
      '-i',
      'ERP_Id__c',
      '-w',
      '5',
    ]);
    assert.match(ran.stdout + ran.stderr, /750\w{15}/);
    const jobId = /750\w{15}/.exec(ran.stdout + ran.stderr)?.[0] ?? '';
    const results = await sf(['data', 'bulk', 'results', '-o', 'po', '--job-id', jobId, '--json']);
    const { result } = JSON.parse(results.stdout) as JsonResult<{
      failedRecords: number;
      failedFilePath: string;
      successFilePath: string;
    }>;
    assert.equal(result.failedRecords, 3);
    assert.match(
      readFileSync(join(cwd, result.failedFilePath.replace(`${cwd}/`, '')), 'utf8'),
      /bad value for restricted picklist field: Boiling/,
    );
  });
  await checks.run('data update bulk', async () => {
    const some = await records("SELECT Id FROM Account WHERE ERP_Id__c LIKE 'SF-4_'");
    assert.equal(some.length, 10);
    file('update.csv', `Id,Phone\n${some.map(({ Id }) => `${String(Id)},+49 40 1`).join('\n')}\n`);
    const result = await json<{ processedRecords: number }>([
      'data',
      'update',
      'bulk',
      '-o',
      'po',
      '-s',
      'Account',
      '-f',
      'update.csv',
      '-w',
      '5',
    ]);
    assert.equal(result.processedRecords, 10);
  });
  await checks.run('data upsert bulk without waiting, then data upsert resume', async () => {
    file('later.csv', `ERP_Id__c,Name\n${lines(20, (n) => `SF-A${n},Later ${n}`)}\n`);
    const { jobInfo } = await json<{ jobInfo: { id: string } }>([
      'data',
      'upsert',
      'bulk',
      '-o',
      'po',
      '-s',
      'Account',
      '-f',
      'later.csv',
      '-i',
      'ERP_Id__c',
    ]);
    const jobId = jobInfo.id;
    assert.match(jobId, /^750\w{15}$/);
    await good(['data', 'upsert', 'resume', '--job-id', jobId, '-o', 'po', '--wait', '5']);
  });
  await checks.run('data import bulk without waiting, then data import resume', async () => {
    file('async.csv', `Name\n${lines(10, (n) => `Async ${n}`)}\n`);
    const { jobId } = await json<{ jobId: string }>([
      'data',
      'import',
      'bulk',
      '-o',
      'po',
      '-s',
      'Account',
      '-f',
      'async.csv',
    ]);
    await good(['data', 'import', 'resume', '--job-id', jobId, '-w', '5']);
  });
  await checks.run('data export bulk, over several pages, and data export resume', async () => {
    await fetch(`${org.adminUrl}/knobs`, { method: 'PATCH', body: JSON.stringify({ bulkQueryPage: 100 }) });
    const result = await json<{ totalSize: number; filePath: string }>([
      'data',
      'export',
      'bulk',
      '-o',
      'po',
      '-q',
      'SELECT Id, Name FROM Account',
      '--output-file',
      'out.csv',
      '-w',
      '5',
    ]);
    const rows = readFileSync(join(cwd, 'out.csv'), 'utf8').trimEnd().split('\n').length - 1;
    assert.equal(rows, result.totalSize);
    assert.ok(rows > 700);
    const { jobId } = await json<{ jobId: string }>([
      'data',
      'export',
      'bulk',
      '-o',
      'po',
      '-q',
      'SELECT Id FROM Contact',
      '--output-file',
      'later.json',
      '-r',
      'json',
    ]);
    await good(['data', 'export', 'resume', '--job-id', jobId]);
    assert.ok((JSON.parse(readFileSync(join(cwd, 'later.json'), 'utf8')) as unknown[]).length > 100);
    await fetch(`${org.adminUrl}/knobs`, { method: 'PATCH', body: JSON.stringify({ bulkQueryPage: 50_000 }) });
  });
  await checks.run('data delete bulk', async () => {
    const some = await records("SELECT Id FROM Account WHERE ERP_Id__c LIKE 'SF-A%'");
    file('delete.csv', `Id\n${some.map(({ Id }) => String(Id)).join('\n')}\n`);
    await good(['data', 'delete', 'bulk', '-o', 'po', '-s', 'Account', '-f', 'delete.csv', '-w', '5']);
    assert.deepEqual(await records("SELECT Id FROM Account WHERE ERP_Id__c LIKE 'SF-A%'"), []);
  });
  await checks.run('a CSV of accounts loaded into contacts ends in a failed job', async () => {
    const ran = await sf(['data', 'import', 'bulk', '-o', 'po', '-s', 'Contact', '-f', 'import.csv', '-w', '5']);
    assert.notEqual(ran.code, 0);
    assert.match(ran.stdout + ran.stderr, /Field name not found : ERP_Id__c/);
  });
  await checks.run('data export tree and data import tree, with a plan', async () => {
    mkdirSync(join(cwd, 'tree'), { recursive: true });
    await good([
      'data',
      'export',
      'tree',
      '-o',
      'po',
      '--plan',
      '-d',
      'tree',
      '-q',
      'SELECT Name, Industry, (SELECT FirstName, LastName FROM Contacts) FROM Account WHERE Id IN (SELECT AccountId FROM Contact) LIMIT 3',
    ]);
    const plan = readdirSync(join(cwd, 'tree')).find((name) => /plan\.json$/.test(name)) ?? '';
    const before = (await records('SELECT COUNT(Id) n FROM Contact'))[0]?.['n'];
    await good(['data', 'import', 'tree', '-o', 'po', '--plan', join('tree', plan)]);
    const after = (await records('SELECT COUNT(Id) n FROM Contact'))[0]?.['n'];
    assert.ok(Number(after) >= Number(before) + 3);
  });
  await checks.run('data search', async () => {
    const found = await good([
      'data',
      'search',
      '-o',
      'po',
      '-q',
      'FIND {Renamed} IN NAME FIELDS RETURNING Account(Name, ERP_Id__c), Contact(LastName)',
    ]);
    assert.match(found.stdout, /Renamed 7/);
  });
  await checks.run('a hand-written auth file', async () => {
    mkdirSync(join(home, '.sfdx'), { recursive: true });
    const accessToken = await freshToken(org);
    writeFileSync(
      join(home, '.sfdx', 'hand@practice.example.json'),
      JSON.stringify({
        username: 'hand@practice.example',
        accessToken,
        instanceUrl: org.url,
        orgId: '00DPR00000000012AE',
        instanceApiVersion: '66.0',
        instanceApiVersionLastRetrieved: new Date().toLocaleString('en-US'),
      }),
    );
    const result = await json<{ totalSize: number }>([
      'data',
      'query',
      '-o',
      'hand@practice.example',
      '-q',
      'SELECT Id FROM Account LIMIT 1',
    ]);
    assert.equal(result.totalSize, 1);
  });
}

async function freshToken(org: OrgUnderTest): Promise<string> {
  const response = await fetch(`${org.adminUrl}/access-token`, { method: 'POST', body: '{}' });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

/** Goes through the web server flow with PKCE by hand. */
async function refreshToken(org: OrgUnderTest): Promise<string> {
  const verifier = 'v'.repeat(64);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: 'PlatformCLI',
    redirect_uri: 'http://localhost:1717/OauthRedirect',
    code_challenge: Buffer.from(digest).toString('base64url'),
  });
  const target = new URL(await signInOnPages(`${org.url}/services/oauth2/authorize?${request.toString()}`));
  const response = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'PlatformCLI',
      redirect_uri: 'http://localhost:1717/OauthRedirect',
      code: target.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }),
  });
  return ((await response.json()) as { refresh_token: string }).refresh_token;
}
