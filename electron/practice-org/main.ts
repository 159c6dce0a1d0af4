#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import envPaths from 'env-paths';
import { Knobs } from './admin/knobs.ts';
import { portOf, readAddress, type OrgAddress } from './org-address.ts';
import { startPracticeOrg, type RunningPracticeOrg } from './practice-org.ts';
import { StateInUse } from './records/folder-lock.ts';

const HELP = `Starts a practice org: a local Salesforce for learning, demos, tests, and measurements.

  --port N               http port (8123), --tls-port N https port (8443), --admin-port N page port (8124); 0 for any
  --no-tls               no https
  --records N            accounts to generate, with their related records (2400)
  --seed S               seed of the generated records (1)
  --data DIR             folder for the org's state between starts
  --forget               keep no state
  --reset                delete the state and start again
  --schema FILE          objects and fields to add (repeat for more files)
  --person-accounts, --multi-currency, --state-country-picklists
  --jwt-certificate FILE check the signature of JWT assertions
  --knob NAME=VALUE      rowsPerSecond, queueDelay, latency, apiLimit, rotateRefreshTokens, duplicateRules, and more (the page shows all)
`;

/** Electron's utility processes have a port where Node's children have a channel. */
const { parentPort } = process as unknown as { parentPort?: { postMessage(message: unknown): void } };
const ownedByHost = parentPort !== undefined || process.send !== undefined;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: ownedByHost ? '0' : '8123' },
    'tls-port': { type: 'string', default: '8443' },
    'admin-port': { type: 'string', default: ownedByHost ? '0' : '8124' },
    'no-tls': { type: 'boolean', default: ownedByHost },
    records: { type: 'string' },
    seed: { type: 'string' },
    data: { type: 'string' },
    forget: { type: 'boolean', default: false },
    reset: { type: 'boolean', default: false },
    schema: { type: 'string', multiple: true, default: [] },
    'person-accounts': { type: 'boolean', default: false },
    'multi-currency': { type: 'boolean', default: false },
    'state-country-picklists': { type: 'boolean', default: false },
    'jwt-certificate': { type: 'string' },
    knob: { type: 'string', multiple: true, default: [] },
    'rows-per-second': { type: 'string', default: '2500' },
    'queue-delay': { type: 'string', default: '400' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} needs a whole number, not ${text}`);
  return number;
}

function knobs(): Partial<Knobs> {
  const given: Record<string, unknown> = {
    rowsPerSecond: numberOf('rows-per-second', values['rows-per-second']),
    queueDelay: numberOf('queue-delay', values['queue-delay']),
  };
  for (const pair of values.knob) {
    const [name = '', text = ''] = pair.split('=');
    given[name] = text === 'true' ? true : text === 'false' ? false : Number.isNaN(Number(text)) ? text : Number(text);
  }
  return Knobs.parse(given);
}

/** `place` is an address to be at, instead of what the command line says. */
async function start(data: string | null, place: OrgAddress | null = null): Promise<RunningPracticeOrg> {
  return startPracticeOrg({
    port: place === null ? numberOf('port', values.port) : portOf(place.url),
    tlsPort: values['no-tls'] ? null : numberOf('tls-port', values['tls-port']),
    adminPort: place === null ? numberOf('admin-port', values['admin-port']) : portOf(place.adminUrl),
    before: data === null ? null : readAddress(data),
    records: values.records === undefined ? null : numberOf('records', values.records),
    seed: values.seed === undefined ? null : numberOf('seed', values.seed),
    data,
    reset: values.reset,
    schema: values.schema,
    personAccounts: values['person-accounts'],
    multiCurrency: values['multi-currency'],
    stateCountryPicklists: values['state-country-picklists'],
    jwtCertificate: values['jwt-certificate'] === undefined ? null : readFileSync(values['jwt-certificate'], 'utf8'),
    knobs: knobs(),
  });
}

/** A practice org that a person starts keeps its state; one that another process owns keeps it where it is told to. */
const folder = values.forget
  ? null
  : (values.data ?? (ownedByHost ? null : join(envPaths('Longshore', { suffix: '' }).data, 'practice-org')));

function greeting(org: RunningPracticeOrg): string {
  const users = org.users
    .map((user) => `    ${user.username}  (${user.profile}, password: ${user.password})`)
    .join('\n');
  const tls =
    org.tlsUrl === null
      ? ''
      : `\n  https      ${org.tlsUrl}   (self-signed: NODE_EXTRA_CA_CERTS=${org.certificate ?? ''})`;
  return `Practice org, a local Salesforce. Nothing leaves this computer.

  http       ${org.url}${tls}
  page       ${org.adminUrl}   (objects, jobs, requests, faults)
  state      ${folder ?? 'not kept'}
  users
${users}

  An administrator's access token:
    ${org.accessToken}

  To connect sf to it:
    SF_ACCESS_TOKEN='${org.accessToken}' sf org login access-token --instance-url ${org.url} --no-prompt --alias practice
    sf data query --target-org practice --query "SELECT Name, BillingCity FROM Account LIMIT 5"
`;
}

/** An org of another host that is just starting, with all its records, can be reached by then, in milliseconds. */
const THERE_WITHIN = 60_000;
/** Between two looks at whether it still runs. */
const LOOK_AGAIN = 250;

type Ready = Pick<RunningPracticeOrg, 'url' | 'adminUrl'> & { readonly accessToken?: string };

function tellHost({ url, adminUrl, accessToken }: Ready): void {
  const ready = { kind: 'ready', url, adminUrl, accessToken };
  if (parentPort) parentPort.postMessage(ready);
  else process.send?.(ready);
}

/**
 * One folder, one org: where a process of another host runs it already, this one says where that is, stands by, and goes on in its
 * place, at the same address and with its state, when it has ended.
 */
async function startOrStandBy(data: string | null): Promise<RunningPracticeOrg> {
  const until = performance.now() + THERE_WITHIN;
  let told: OrgAddress | null = null;
  for (;;) {
    try {
      const org = await start(data, told);
      if (told === null) tellHost(org);
      return org;
    } catch (error) {
      if (!(error instanceof StateInUse) || data === null) throw error;
      const there: OrgAddress | null = told === null ? readAddress(data) : null;
      if (there?.pid === error.owner) tellHost((told = there));
      else if (told === null && performance.now() > until) throw error;
    }
    await sleep(LOOK_AGAIN);
  }
}

let running: RunningPracticeOrg | null = null;
const stop = (): void => {
  if (running === null) process.exit(0);
  void running.close().finally(() => process.exit(0));
};

try {
  // Ctrl+C in a terminal reaches every process there: a host may still need its org, and ends it itself.
  process.on('SIGINT', ownedByHost ? () => undefined : stop);
  process.on('SIGTERM', stop);
  if (ownedByHost) {
    process.on('disconnect', stop);
    running = await startOrStandBy(folder);
  } else {
    running = await start(folder);
    process.stdout.write(greeting(running));
  }
} catch (error) {
  const code = (error as { code?: unknown }).code;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    code === 'EADDRINUSE'
      ? `${text}\nAnother program is using this port. Choose others with --port, --tls-port, and --admin-port (0 for any).\n`
      : `${text}\n`,
  );
  process.exit(1);
}
