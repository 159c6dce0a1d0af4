import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checks, OrgUnderTest, Places } from './checks.ts';
import { runProgram } from './run-program.ts';

/** SFDMU both ways: CSV files into the org, and the org into CSV files. */
export async function checkSfdmu(org: OrgUnderTest, places: Places, checks: Checks): Promise<void> {
  const { accessToken } = (await (
    await fetch(`${org.adminUrl}/access-token`, { method: 'POST', body: '{}' })
  ).json()) as { accessToken: string };
  const orgs = [{ name: 'practice', orgUserName: 'practice', instanceUrl: org.url, accessToken }];
  const folder = (name: string, script: object, files: Record<string, string> = {}): string => {
    const path = join(places.work, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'export.json'), JSON.stringify({ orgs, ...script }));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };
  const home = join(places.work, 'sfdmu-home');
  mkdirSync(home, { recursive: true });
  const program = join(places.clients, 'sfdmu-run.cjs');
  writeFileSync(
    program,
    `const { dirname } = require('node:path');
const { default: Run } = require('sfdmu/lib/commands/sfdmu/run');
const root = dirname(require.resolve('sfdmu/package.json'));
Run.plugin = { root };
Run.run(process.argv.slice(2), root).catch((error) => {
  console.error(error);
  process.exit(1);
});
`,
  );
  const run = async (source: string, target: string, path: string): Promise<string> => {
    const ran = await runProgram(
      process.execPath,
      [
        program,
        '--sourceusername',
        source,
        '--targetusername',
        target,
        '--path',
        path,
        '--noprompt',
        '--verbose',
        '--apiversion',
        '58.0',
      ],
      {
        cwd: path,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: home,
          SFDX_DISABLE_TELEMETRY: 'true',
          SF_DISABLE_TELEMETRY: 'true',
          NO_COLOR: '1',
        },
      },
    );
    assert.equal(ran.code, 0, `${ran.stdout.slice(-3000)}\n${ran.stderr.slice(-2000)}`);
    return ran.stdout;
  };
  const count = async (soql: string): Promise<number> => {
    const response = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    return ((await response.json()) as { totalSize: number }).totalSize;
  };

  await checks.run('CSV into the org, few rows (REST) and many (Bulk API 2.0), parents before children', async () => {
    const accounts = Array.from({ length: 260 }, (_all, n) => `MU-${n},"Mover, ${n}"`);
    const contacts = Array.from({ length: 260 }, (_all, n) => `MUC-${n},Person ${n},MU-${n}`);
    const path = folder(
      'sfdmu-in',
      {
        bulkThreshold: 200,
        objects: [
          { query: 'SELECT ERP_Id__c, Name FROM Account', operation: 'Upsert', externalId: 'ERP_Id__c' },
          {
            query: 'SELECT External_Id__c, LastName, AccountId FROM Contact',
            operation: 'Upsert',
            externalId: 'External_Id__c',
          },
        ],
      },
      {
        'Account.csv': `ERP_Id__c,Name\n${accounts.join('\n')}\n`,
        'Contact.csv': `External_Id__c,LastName,Account.ERP_Id__c\n${contacts.join('\n')}\n`,
      },
    );
    await run('csvfile', 'practice', path);
    assert.equal(await count("SELECT Id FROM Account WHERE ERP_Id__c LIKE 'MU-%'"), 260);
    assert.equal(
      await count("SELECT Id FROM Contact WHERE External_Id__c LIKE 'MUC-%' AND Account.ERP_Id__c LIKE 'MU-%'"),
      260,
    );
  });
  await checks.run('the org into CSV', async () => {
    const path = folder('sfdmu-out', {
      objects: [
        {
          query: "SELECT ERP_Id__c, Name FROM Account WHERE ERP_Id__c LIKE 'MU-%'",
          operation: 'Readonly',
          externalId: 'ERP_Id__c',
        },
      ],
    });
    await run('practice', 'csvfile', path);
    assert.equal(readFileSync(join(path, 'Account.csv'), 'utf8').trimEnd().split('\n').length, 261);
  });
}
