#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { USERS } from './generate-records.ts';
import { startPracticeOrg } from './practice-org.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    records: { type: 'string', default: '2400' },
    seed: { type: 'string', default: '1' },
    'rows-per-second': { type: 'string', default: '2500' },
    'queue-delay': { type: 'string', default: '400' },
  },
});

const org = await startPracticeOrg({
  port: Number(values.port),
  accounts: Number(values.records),
  seed: Number(values.seed),
  rowsPerSecond: Number(values['rows-per-second']),
  queueDelay: Number(values['queue-delay']),
});

const ready = { kind: 'ready', url: org.url, accessToken: org.accessToken };
/** Electron's utility processes have a port where Node's children have a channel. */
const { parentPort } = process as unknown as { parentPort?: { postMessage(message: unknown): void } };
if (parentPort) {
  parentPort.postMessage(ready);
} else if (process.send) {
  process.send(ready);
  process.on('disconnect', () => process.exit(0));
} else {
  process.stdout.write(
    `Practice org: ${org.url}\nUsers: ${USERS.map((user) => user.username).join(', ')} (password: practice)\nAccess token: ${org.accessToken}\n`,
  );
}
