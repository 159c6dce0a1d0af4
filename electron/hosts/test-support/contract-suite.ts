import { ALL_ROWS } from '../../../shared/domain/source-file.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackendEvent } from '../../../shared/contract/events.ts';
import { procedures } from '../../../shared/contract/procedures.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import { Run } from '../../../shared/domain/run.ts';
import { createBackend, type Backend } from '../../backend/create-backend.ts';
import { spawnStaging } from '../node-ports/child-processes.ts';
import { memoryVault } from '../node-ports/memory-vault.ts';
import { clock, random } from '../node-ports/system.ts';

/** What a transport must carry, as raw JSON on both sides. */
export interface Transport {
  call(request: { callId: string; procedure: string; input: unknown }): Promise<unknown>;
  cancel(callId: string): void;
  subscribe(listener: (event: unknown) => void): () => void;
  handOver(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A real backend without an org: the contract does not depend on one. */
function startBackend(data: string): Backend {
  const settings = new Map<string, unknown>();
  return createBackend({
    info: () => ({ version: '0.0.0', host: 'cli', secretStore: 'memory' }),
    paths: { data },
    clock,
    random,
    notices: () => [],
    log: { place: '', info: () => undefined, error: () => undefined },
    fileChooser: { choose: () => Promise.resolve([]) },
    fileSaver: { save: (_path, fileName) => Promise.resolve({ kind: 'saved', fileName }) },
    secrets: memoryVault(),
    settings: {
      get: (key) => settings.get(key),
      set: (key, value) => void settings.set(key, value),
      update: (key, change) => void settings.set(key, change(settings.get(key))),
      refresh: () => Promise.resolve(),
    },
    openExternal: () => Promise.resolve(),
    systemProxy: () => Promise.resolve(null),
    spawnStaging,
    practiceOrg: null,
    environmentSession: null,
  });
}

const JOB = `kind: longshore-job
version: 1
name: Nightly
org: { organization: 00D000000000001EAA, username: ann@acme.example }
source: { kind: file, path: people.csv }
object: Account
operation: insert
matchField: null
columns: [{ column: Name, fills: Name }]
blankValues: leave
repeated: { keep: ask }
`;

/** One that no org is needed for: it waits for a yes or a no. */
function heldRun(jobId: JobId): Run {
  return Run.parse({
    runId: 'run_0000000000000000',
    jobId,
    jobName: 'Nightly',
    orgId: '00D000000000001EAA',
    objectName: 'Account',
    operation: 'insert',
    dry: false,
    startedAt: 1,
    endedAt: 2,
    state: { kind: 'held', holds: [{ code: 'COLUMN_GONE', column: 'Name' }] },
    source: null,
    newColumns: [],
    plan: null,
    loadId: null,
    counts: null,
  });
}

/** One suite, run over every transport: what holds for one holds for all. */
export function contractSuite(name: string, connect: (backend: Backend, folder: string) => Promise<Transport>): void {
  describe(`the contract over ${name}`, () => {
    let folder: string;
    let backend: Backend;
    let transport: Transport;
    let calls = 0;
    const call = (procedure: string, input: unknown, callId = `t${++calls}`) =>
      transport.call({ callId, procedure, input });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'longshore-contract-'));
      backend = startBackend(folder);
      transport = await connect(backend, folder);
    });
    afterAll(async () => {
      await transport.close();
      await backend.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    test('a value comes back as its schema says', async () => {
      const answer = (await call('app.info', {})) as { ok: boolean; value: unknown };
      expect(answer.ok).toBe(true);
      expect(procedures['app.info'].output.parse(answer.value)).toEqual(answer.value);
    });

    test('an unknown procedure and a wrong input are refused with what is wrong', async () => {
      expect(await call('app.shutdown', {})).toEqual({
        ok: false,
        failure: { code: 'BAD_REQUEST', where: 'app.shutdown', problem: 'no such procedure' },
      });
      expect(await call('__proto__', {})).toMatchObject({ ok: false, failure: { code: 'BAD_REQUEST' } });
      expect(
        await call('source.page', { sourceId: 'src_aaaaaaaaaaaaaaaa', view: ALL_ROWS, offset: 0, limit: 5000 }),
      ).toMatchObject({
        ok: false,
        failure: { code: 'BAD_REQUEST', problem: expect.stringContaining('limit') as unknown },
      });
    });

    test('an expected failure crosses as its code and facts', async () => {
      expect(await call('source.get', { sourceId: 'src_aaaaaaaaaaaaaaaa' })).toEqual({
        ok: false,
        failure: { code: 'SOURCE_UNKNOWN' },
      });
      expect(await call('orgs.describe', { orgId: '00D000000000001AAA', objectName: 'Account' })).toEqual({
        ok: false,
        failure: { code: 'ORG_UNKNOWN' },
      });
    });

    test('a file handed over is opened by its id, and events are whole snapshots', async () => {
      const path = join(folder, 'people.csv');
      await writeFile(path, 'Name,Phone\nA,1\nB,2\n');
      const events: BackendEvent[] = [];
      const stop = transport.subscribe((event) => events.push(BackendEvent.parse(event)));
      const handed = (await transport.handOver(path)) as { ok: true; value: string };
      expect(handed.ok).toBe(true);
      expect(JSON.stringify(handed)).not.toContain(folder);
      expect(await call('source.open', { sourceId: handed.value, choice: {} })).toMatchObject({
        ok: true,
        value: { fileName: 'people.csv', columns: [{ name: 'Name' }, { name: 'Phone' }] },
      });
      await expect
        .poll(() =>
          events.some(
            (event) =>
              event.topic === 'source' && event.source.state.kind === 'staged' && event.source.state.rows === 2,
          ),
        )
        .toBe(true);
      expect(await call('source.page', { sourceId: handed.value, view: ALL_ROWS, offset: 1, limit: 5 })).toMatchObject({
        ok: true,
        value: { page: [{ row: 2, cells: ['B', '2'] }], rows: 2 },
      });
      stop();
    });

    test('a run that changes is told as an event, whole', async () => {
      const path = join(folder, 'job.yaml');
      const { jobId } = await backend.importJob(
        { text: JOB, path, fileName: 'job.yaml', replace: false },
        new AbortController().signal,
      );
      const run = heldRun(jobId);
      await mkdir(join(folder, 'runs', jobId), { recursive: true });
      const document = { kind: 'longshore-run', version: 1, value: run };
      await writeFile(join(folder, 'runs', jobId, `${run.runId}.json`), JSON.stringify(document));
      const events: BackendEvent[] = [];
      const stop = transport.subscribe((event) => events.push(BackendEvent.parse(event)));
      const answer = (await call('run.reject', { runId: run.runId })) as { ok: boolean; value: Run };
      expect(answer).toMatchObject({ ok: true, value: { state: { kind: 'rejected', why: 'person' } } });
      await expect.poll(() => events).toContainEqual({ topic: 'run', run: answer.value });
      stop();
    });

    test('a call in flight is cancelled by its id, and says so', async () => {
      const waiting = call(
        'orgs.signIn',
        { target: { kind: 'custom', loginUrl: 'http://127.0.0.1:59998' }, clientId: 'x' },
        'to-cancel',
      );
      const asked = performance.now();
      const repeat = setInterval(() => transport.cancel('to-cancel'), 20);
      expect(await waiting).toEqual({ ok: false, failure: { code: 'CANCELLED' } });
      clearInterval(repeat);
      expect(performance.now() - asked).toBeLessThan(2000);
    });
  });
}
