import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PLAIN_OPTIONS, startPracticeOrg } from '../electron/practice-org/practice-org.ts';
import { Checks, type OrgUnderTest, type Places } from './checks.ts';
import { installClients } from './install-clients.ts';
import { checkJsforce } from './jsforce.ts';
import { checkSalesforceCli } from './salesforce-cli.ts';
import { checkSfdmu } from './sfdmu.ts';

/**
 * Holds the practice org to real clients: the official CLI, jsforce and SFDMU, unmodified, each doing what people do
 * with it. They are installed into a cache of their own, which only this command uses, and run where nothing but
 * loopback can be reached: a client that falls back to a real login host fails at once.
 */
const SUITES = { sf: checkSalesforceCli, jsforce: checkJsforce, sfdmu: checkSfdmu };

const { values } = parseArgs({
  options: {
    /** Only these clients. */
    only: { type: 'string', multiple: true },
    /** Set on the second start, inside the network namespace. */
    isolated: { type: 'boolean', default: false },
  },
});

/** Starts this file again where only loopback exists, if the system can do that. */
function isolate(): number | null {
  const self = fileURLToPath(import.meta.url);
  const command = `ip link set lo up && exec "$0" "$@"`;
  const args = ['-rn', 'sh', '-c', command, process.execPath, self, '--isolated', ...process.argv.slice(2)];
  if (spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up']).status !== 0) return null;
  return spawnSync('unshare', args, { stdio: 'inherit' }).status ?? 1;
}

async function main(): Promise<number> {
  const clients = installClients();
  if (!values.isolated) {
    const status = isolate();
    if (status !== null) return status;
    process.stdout.write(
      'There is no network namespace to be had here (unshare, ip): the clients could reach the internet.\n',
    );
  }
  const work = mkdtempSync(join(tmpdir(), 'longshore-conformance-'));
  const org = await startPracticeOrg({
    ...PLAIN_OPTIONS,
    tlsPort: 0,
    records: 300,
    knobs: { rowsPerSecond: 0, queueDelay: 50 },
  });
  const under: OrgUnderTest = {
    url: org.url,
    tlsUrl: org.tlsUrl ?? '',
    certificate: org.certificate ?? '',
    adminUrl: org.adminUrl,
    accessToken: org.accessToken,
  };
  const places: Places = { work, clients };
  const checks = new Checks();
  try {
    for (const [name, suite] of Object.entries(SUITES)) {
      if (values.only && !values.only.includes(name)) continue;
      process.stdout.write(`${name}\n`);
      await suite(under, places, checks);
    }
  } finally {
    await org.close();
    rmSync(work, { recursive: true, force: true });
  }
  process.stdout.write(`${checks.passed} passed, ${checks.failures.length} failed\n`);
  return checks.failures.length === 0 ? 0 : 1;
}

// Clients leave connections open behind them.
process.exit(await main());
