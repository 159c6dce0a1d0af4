import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installClients, quietCli } from '../conformance/install-clients.ts';
import { startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { MemoryWatch } from './memory-watch.ts';
import { COLUMNS, writeTenthChanged } from './whole-job.ts';

/**
 * The command line beside Salesforce's own (`sf data … bulk`), as installed by `npm run conformance`: the same file, the same practice org
 * as new for each, one after the other. What is timed is the whole command, from its start to its end. One command,
 * `npm run build && npm run bench:against-cli`; `-- --rows N` for another number than 100,000 and a million.
 */
const { values: flags } = parseArgs({
  options: { rows: { type: 'string', multiple: true, default: ['100000', '1000000'] } },
});
const LONGSHORE = fileURLToPath(new URL('../electron/hosts/cli/longshore.mjs', import.meta.url));

interface Ran {
  readonly seconds: number;
  /** MiB, of the command and what it starts. */
  readonly peak: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Command {
  readonly name: string;
  readonly run: (org: Org, folder: string) => Promise<Ran>;
}

type Org = Awaited<ReturnType<typeof startPracticeOrg>>;

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const began = performance.now();
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const watch = new MemoryWatch(child.pid ?? 0);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({
        seconds: (performance.now() - began) / 1000,
        peak: watch.stop(),
        code: code ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}

function sf(args: (folder: string) => string[]): Command {
  const program = join(installClients(), 'node_modules/@salesforce/cli/bin/run.js');
  return {
    name: 'sf',
    run: async (org, folder) => {
      const home = join(folder, 'home');
      await mkdir(home, { recursive: true });
      const env = { ...quietCli(home), SF_ACCESS_TOKEN: org.accessToken };
      const login = ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--alias', 'po'];
      const signedIn = await run(program, login, folder, env);
      if (signedIn.code !== 0) throw new Error(signedIn.stderr);
      return run(program, [...args(folder), '-o', 'po', '-w', '60'], folder, env);
    },
  };
}

function longshore(args: (folder: string) => string[]): Command {
  return {
    name: 'Longshore',
    run: (org, folder) => {
      const session = { SF_ACCESS_TOKEN: org.accessToken, SF_ORG_INSTANCE_URL: org.url };
      const env = { ...process.env, ...session, LONGSHORE_DATA: join(folder, 'data') };
      return run(LONGSHORE, [...args(folder), '--json'], folder, env);
    },
  };
}

/** Runs each command beside an org of its own. */
async function compare(
  what: string,
  inOrg: number,
  commands: readonly Command[],
  tell: (ran: Ran) => string,
): Promise<void> {
  const took: number[] = [];
  for (const { name, run: start } of commands) {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-against-'));
    const org = await startPracticeOrg(['--records', String(inOrg), '--knob', 'storageMB=1000000']);
    try {
      const ran = await start(org, folder);
      took.push(ran.code === 0 ? ran.seconds : Number.NaN);
      const said =
        ran.code === 0 ? tell(ran) : `ended with ${ran.code}: ${(ran.stderr || ran.stdout).trim().slice(0, 300)}`;
      process.stdout.write(`| ${what} | ${name} | ${ran.seconds.toFixed(1)} s | ${ran.peak} MiB | ${said} |\n`);
    } finally {
      org.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  const [theirs = Number.NaN, ours = Number.NaN] = took;
  process.stdout.write(`| ${what} | ratio | ${(ours / theirs).toFixed(2)} | | |\n`);
}

/** What `longshore load --json` says of the load by itself: from the first job to the last row reconciled. */
function loadOnly({ stdout }: Ran): string {
  if (!stdout.startsWith('{')) return '';
  const { result } = JSON.parse(stdout) as { result?: { elapsed?: number; counts?: Record<string, number> } };
  if (result?.elapsed === undefined) return '';
  return `of that the load ${(result.elapsed / 1000).toFixed(1)} s; ${JSON.stringify(result.counts)}`;
}

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}\n\n`);
process.stdout.write('| what | command | whole | peak memory | |\n| --- | --- | --- | --- | --- |\n');
for (const rows of flags.rows.map(Number)) {
  const files = await mkdtemp(join(tmpdir(), 'longshore-rows-'));
  const file = join(files, 'accounts.csv');
  await writeTenthChanged(file, rows);
  const mib = ((await stat(file)).size / 2 ** 20).toFixed(0);
  const name = `${rows.toLocaleString('en')} rows (${mib} MiB)`;
  await compare(
    `upsert of ${name}, 10 % changed and 10 % new`,
    rows,
    [
      sf(() => ['data', 'upsert', 'bulk', '-s', 'Account', '-f', file, '-i', 'ERP_Id__c']),
      longshore(() => ['load', '-f', file, '-s', 'Account', '-i', 'ERP_Id__c', '--yes']),
    ],
    loadOnly,
  );
  await compare(
    `insert of ${name}`,
    0,
    [
      sf(() => ['data', 'import', 'bulk', '-s', 'Account', '-f', file]),
      longshore(() => ['load', '-f', file, '-s', 'Account', '--operation', 'insert', '--yes']),
    ],
    loadOnly,
  );
  const soql = `SELECT Id, ${COLUMNS.join(', ')} FROM Account`;
  await compare(
    `export of ${rows.toLocaleString('en')} records`,
    rows,
    [
      sf((folder) => ['data', 'export', 'bulk', '-q', soql, '-r', 'csv', '--output-file', join(folder, 'out.csv')]),
      longshore((folder) => ['export', '-q', soql, '--output-file', join(folder, 'out.csv')]),
    ],
    () => '',
  );
  await rm(files, { recursive: true });
}
