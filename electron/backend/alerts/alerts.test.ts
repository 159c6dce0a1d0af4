import { createHmac } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { JobAlert } from '../../../shared/domain/alert.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { accountsFile, loadRun, saveAccountsJob } from '../test-support/saved-job.ts';
import { startBench } from '../test-support/start-bench.ts';
import type { NewChannel } from './channels.ts';

/** Alerts of jobs, as a webhook and a mail server on this computer receive them. */

const SECRET = 'T0P-s3cret';
let now = Date.now();
const { app, orgId } = await startBench(['--records', '5'], { now: () => now });
const { signal } = new AbortController();

interface Received {
  readonly body: string;
  readonly headers: Record<string, unknown>;
}
const received: Received[] = [];
let answers = 200;
const hook = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ body, headers: request.headers });
    response.writeHead(answers, answers === 302 ? { location: '/elsewhere' } : {}).end(`no, ${SECRET}`);
  });
});
await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hooks/${SECRET}`;
afterAll(() => hook.close());
afterEach(() => {
  received.length = 0;
  answers = 200;
});

await app.backend.saveChannel(
  { name: 'Ops', way: { kind: 'webhook', shape: 'generic' }, secrets: { url, signingKey: 'key' } },
  signal,
);
const FAILING: JobAlert = { channel: 'ops', on: ['failed', 'rows-failed', 'held', 'deviation', 'recovered'] };
const titles = () => received.map(({ body }) => (JSON.parse(body) as { title: string }).title);
/** What is told of a run is told after it is on disk. */
const told = (count: number) => expect.poll(() => received.length).toBe(count);

async function saved(name: string, alerts: JobAlert[], rows: readonly string[]) {
  const file = accountsFile(app.data, name);
  await file.write(rows);
  const job = await saveAccountsJob(app, orgId, { name, path: file.path });
  await app.call('alert.set', { jobId: job.jobId, alerts });
  return { job, ...file };
}
const run = ({ jobId }: Job) => app.call('run.prepare', { jobId, dry: false });

test('a job that fails is told of once, however often it fails; that it runs well again is told, too', async () => {
  const { job, path, write } = await saved('Tells', [FAILING], ['alert-1,Gertrud Geheim,1']);
  await loadRun(app, (await run(job)).run);
  await rm(path);
  for (let time = 0; time < 2; time++) await expect(run(job)).rejects.toThrow('FILE_UNREADABLE');
  await told(1);
  await write(['alert-1,Gertrud Geheim,2']);
  await loadRun(app, (await run(job)).run);
  await told(2);
  await loadRun(app, (await run(job)).run).catch(() => null);
  expect(titles()).toEqual(['The job “Tells” failed', 'The job “Tells” succeeds again']);
  // Nothing of the rows goes along.
  expect(received.map(({ body }) => body).join('')).not.toMatch(/Geheim|alert-1/);
  const [{ body, headers } = { body: '', headers: {} }] = received;
  const moment = String(headers['x-longshore-timestamp']);
  const signature = createHmac('sha256', 'key').update(`${moment}.${body}`).digest('hex');
  expect(headers['x-longshore-signature']).toBe(`v1=${signature}`);
  expect(JSON.parse(body)).toMatchObject({
    version: 1,
    condition: 'failed',
    job: 'Tells',
    org: 'admin@practice.example',
  });
}, 60_000);

test('a held run is told with why and how to approve it; one that did not arrive is told with the next', async () => {
  const rows = Array.from({ length: 10 }, (_none, n) => `heldalert-${n},Name ${n},${n}`);
  const { job, write } = await saved('Holds', [FAILING], rows);
  await loadRun(app, (await run(job)).run);
  await write(rows.slice(0, 2));
  answers = 500;
  await run(job);
  await told(1);
  answers = 200;
  const { run: held } = await run(job);
  await told(2);
  const { lines, condition } = JSON.parse(received[1]?.body ?? '') as { lines: string[]; condition: string };
  expect(condition).toBe('deviation');
  expect(lines).toContain(`longshore job approve ${held.runId}`);
  expect(lines.join('\n')).toContain('The file has 2 rows, and the last run’s file had 10.');
  await run(job);
  await app.call('alert.test', { name: 'Ops' });
  expect(titles()).toHaveLength(3);
}, 60_000);

test('no success for too long is told once, also where no run began', async () => {
  const { job } = await saved(
    'Silent',
    [{ channel: 'Ops', on: ['no-success'], noSuccessHours: 24 }],
    ['silent-1,One,1'],
  );
  const { createdAt } = await app.call('job.get', { jobId: job.jobId });
  now = createdAt + 23 * 3_600_000;
  expect(await app.backend.runDue(signal)).toEqual([]);
  expect(received).toEqual([]);
  now = createdAt + 25 * 3_600_000;
  await app.backend.runDue(signal);
  await app.backend.runDue(signal);
  expect(titles()).toEqual(['The job “Silent” has not succeeded for too long']);
  await app.call('job.remove', { jobId: job.jobId });
}, 60_000);

test('Slack gets a text of its own, in which nothing is a link or a mention', async () => {
  const way = { kind: 'webhook' as const, shape: 'slack' as const };
  await app.backend.saveChannel({ name: 'A <!channel> & b', way, secrets: { url } }, signal);
  await app.call('alert.test', { name: 'a <!channel> & B' });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    text: '*This is a test of Longshore*\nAlerts by “A &lt;!channel&gt; &amp; b” arrive here.',
  });
  expect(received[0]?.headers['x-longshore-signature']).toBeUndefined();
});

test.each([404, 302])('a webhook that answers %i is said, and its address nowhere', async (status) => {
  answers = status;
  const failure = { code: 'ALERT_NOT_SENT', channel: 'Ops' };
  await expect(app.call('alert.test', { name: 'Ops' })).rejects.toMatchObject({ failure });
  expect(received).toHaveLength(1);
  await expect(app.call('alert.test', { name: 'Ops' })).rejects.not.toThrow(SECRET);
});

async function mailServer(options: { hideSTARTTLS?: boolean; password?: string }) {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: options.hideSTARTTLS ? ['STARTTLS'] : [],
    authOptional: options.password === undefined,
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === options.password ? done(null, { user: 'ann' }) : done(new Error(`wrong: ${SECRET}`)),
    onData: (stream, _session, done) => {
      void text(stream).then((mail) => {
        mails.push(mail);
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { mails, port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
const mail = (port: number, more: object = {}): NewChannel['way'] => ({
  kind: 'mail',
  host: '127.0.0.1',
  port,
  security: 'none',
  user: 'ann',
  from: 'longshore@acme.example',
  to: ['ops@acme.example', 'ann@acme.example'],
  ...more,
});

test('a mail arrives with its text; a wrong password is told by its code, and nowhere itself', async () => {
  const server = await mailServer({ password: SECRET });
  await app.backend.saveChannel({ name: 'Mail', way: mail(server.port), secrets: { password: SECRET } }, signal);
  await app.call('alert.test', { name: 'Mail' });
  expect(server.mails[0]).toMatch(/^Subject: This is a test of Longshore/m);
  expect(server.mails[0]).toMatch(/^To: ops@acme.example, ann@acme.example/m);
  await app.backend.saveChannel({ name: 'Mail', way: mail(server.port), secrets: { password: 'other' } }, signal);
  await expect(app.call('alert.test', { name: 'Mail' })).rejects.toMatchObject({
    failure: { code: 'ALERT_NOT_SENT', reason: 'EAUTH 535' },
  });
  await server.close();
});

test('a mail server that does not encrypt gets nothing where it is to', async () => {
  const server = await mailServer({ hideSTARTTLS: true });
  const way = mail(server.port, { security: 'starttls', user: null });
  await app.backend.saveChannel({ name: 'Open', way, secrets: {} }, signal);
  await expect(app.call('alert.test', { name: 'Open' })).rejects.toMatchObject({ failure: { code: 'ALERT_NOT_SENT' } });
  expect(server.mails).toEqual([]);
  await server.close();
});

test.each<[string, NewChannel['way'], string | undefined, string]>([
  [
    'a webhook without encryption',
    { kind: 'webhook', shape: 'generic' },
    'http://hooks.acme.example/x',
    'webhook-open',
  ],
  ['a webhook without an address', { kind: 'webhook', shape: 'slack' }, undefined, 'address'],
  ['a mail server elsewhere without encryption', mail(25, { host: 'mail.acme.example' }), undefined, 'mail-open'],
])('%s is refused', async (_what, way, address, why) => {
  const secrets = address === undefined ? {} : { url: address };
  await expect(app.backend.saveChannel({ name: 'Refused', way, secrets }, signal)).rejects.toMatchObject({
    failure: { code: 'CHANNEL_REFUSED', why },
  });
});

test('a channel that is not there is refused, and one that is removed tells nobody', async () => {
  const { job } = await saved('Nowhere', [], ['nowhere-1,One,1']);
  await expect(
    app.call('alert.set', { jobId: job.jobId, alerts: [{ channel: 'Nobody', on: ['failed'] }] }),
  ).rejects.toThrow('CHANNEL_UNKNOWN');
  await app.call('alert.removeChannel', { name: 'OPEN' });
  await expect(app.call('alert.test', { name: 'Open' })).rejects.toThrow('CHANNEL_UNKNOWN');
});

test('what is secret of a channel is in no file and no log', async () => {
  const names = await readdir(app.data, { recursive: true, withFileTypes: true });
  const texts = names
    .filter((one) => one.isFile() && /\.(json|yaml|log)$/.test(one.name))
    .map((one) => readFile(join(one.parentPath, one.name), 'utf8'));
  expect(texts.length).toBeGreaterThan(3);
  expect((await Promise.all(texts)).join('')).not.toContain(SECRET);
  expect(app.log.join('')).not.toContain(SECRET);
});
