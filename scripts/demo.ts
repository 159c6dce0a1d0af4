import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLAIN_OPTIONS, startPracticeOrg } from '../electron/practice-org/practice-org.ts';

/** The whole main job without a screen: a practice org, a sample file, the plan, the load and the reconciled numbers. */
const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const org = await startPracticeOrg({ ...PLAIN_OPTIONS, knobs: { queueDelay: 100 } });
const data = await mkdtemp(join(tmpdir(), 'longshore-demo-'));
process.stdout.write(`Practice org at ${org.url}\n`);
const cli = spawn(
  process.execPath,
  [
    path('electron/hosts/cli/main.ts'),
    'load',
    '-f',
    path('examples/accounts.csv'),
    '-s',
    'Account',
    '-i',
    'ERP_Id__c',
    '--results-dir',
    path('demo-output'),
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, LONGSHORE_DATA: data, SF_ACCESS_TOKEN: org.accessToken, SF_ORG_INSTANCE_URL: org.url },
  },
);
const code = await new Promise<number | null>((resolve) => cli.once('exit', resolve));
await org.close();
await rm(data, { recursive: true, force: true });
// 4 means that some rows were not sent, which the sample file is made for.
process.exitCode = code === 4 || code === 0 ? 0 : (code ?? 1);
