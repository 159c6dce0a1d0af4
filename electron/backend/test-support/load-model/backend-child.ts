import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createBackend, type Backend } from '../../create-backend.ts';
import { FailureError } from '../../../../shared/contract/failure.ts';
import type { Run } from '../../../../shared/domain/run.ts';
import type { StagingChannel } from '../../ports.ts';
import { signInOnPages, spawnStaging } from '../start-backend.ts';
import type { ChildAnswer, ChildRequest, ClockReading } from './child-protocol.ts';
import { DocumentFile } from './document-file.ts';

/** A user of the practice org who may do all that a load can, hard deletes among it. */
const LOADER = 'integration@practice.example';

/**
 * The real backend in a process of its own, so that it can be killed as a crash kills it. Its person, keyring and settings
 * are files beside the data folder, which another process of the same folder shares.
 */

/** Pauses count in full and take no longer than this, ms: what waits an hour in life waits a moment here. */
const LONGEST_PAUSE = 3;

let backend: Backend | null = null;
let data = '';
let skipped = 0;
let pauses: number[] = [];
let staging: StagingChannel | null = null;

function open(folder: string): void {
  data = folder;
  const secrets = new DocumentFile(`${folder}-keyring.json`);
  const settings = new DocumentFile(`${folder}-settings.json`);
  let tokens = 0;
  const unique = `${process.pid.toString(36)}${Date.now().toString(36)}`;
  backend = createBackend({
    info: () => ({ version: '0.0.0', host: 'cli', secretStore: 'memory' }),
    paths: { data: folder },
    clock: {
      now: () => Date.now() + skipped,
      elapsed: () => performance.now() + skipped,
      timeZone: () => 'Europe/Berlin',
      sleep: async (milliseconds, signal) => {
        const taken = Math.min(milliseconds, LONGEST_PAUSE);
        skipped += milliseconds - taken;
        pauses.push(milliseconds);
        await sleep(taken, undefined, { signal }).catch(() => {
          throw new FailureError({ code: 'CANCELLED' });
        });
      },
    },
    random: { token: (length) => `${(++tokens).toString(36)}x${unique}`.padEnd(length, 'x').slice(0, length) },
    notices: () => [],
    log: {
      place: 'the model’s own log',
      info: () => undefined,
      error: (message, error) => send({ kind: 'log', text: `${message}: ${inspect(error)}` }),
    },
    fileChooser: { choose: () => Promise.resolve([]) },
    fileSaver: { save: (_path, name) => Promise.resolve({ kind: 'saved', fileName: name }) },
    secrets: {
      get: (name) => Promise.resolve((secrets.get(name) as string | undefined) ?? null),
      set: (name, value) => Promise.resolve(secrets.set(name, value)),
      delete: (name) => Promise.resolve(secrets.set(name, undefined)),
    },
    settings: {
      get: (key) => settings.get(key),
      set: (key, value) => settings.set(key, value),
      update: (key, change) => settings.set(key, change(settings.get(key))),
      refresh: () => Promise.resolve(),
    },
    openExternal: (url) => signInOnPages(url, 'allow', LOADER),
    systemProxy: () => Promise.resolve(null),
    spawnStaging: (spillFolder) => {
      staging = spawnStaging(spillFolder, process.argv[2]);
      return staging;
    },
    practiceOrg: null,
    environmentSession: null,
  });
  backend.subscribe((event) => {
    if (event.topic === 'load') send({ kind: 'load', load: event.load });
    if (event.topic === 'source') send({ kind: 'source', source: event.source });
    if (event.topic === 'run') atRun(event.run);
  });
}

let runKill: { readonly state: string; left: number } | null = null;

/** Ends this process before anything follows on a run's state, if it is the one to end at. */
function atRun({ state, sync }: Run): void {
  const isAt = runKill?.state === (state.kind === 'preparing' ? state.step : state.kind);
  if (runKill === null || (!isAt && runKill.state !== `sync ${sync?.phase ?? ''}`)) return;
  runKill.left--;
  if (runKill.left === 0) process.kill(process.pid, 'SIGKILL');
}

/** Ends this process as a crash would, as soon as a journal says that it is at a step. */
function killAt(folder: string, step: string, nth: number, jitter: number): void {
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    const text = await readFile(join(folder, 'journal.jsonl'), 'utf8').catch(() => '');
    reading = false;
    if (text.split(`"step":"${step}"`).length - 1 < nth) return;
    if (jitter > 0) await sleep(jitter);
    process.kill(process.pid, 'SIGKILL');
  };
  watch(folder, () => void look());
  void look();
}

function clock(): ClockReading {
  const reading = { virtual: performance.now() + skipped, pauses };
  pauses = [];
  return reading;
}

async function perform(request: ChildRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open':
      return open(request.data);
    case 'call':
      return backend?.call(request.name, request.input, new AbortController().signal);
    case 'handOver':
      return backend?.handOver(request.paths);
    case 'killAt':
      return killAt(join(data, request.folder), request.step, request.nth, request.jitter);
    case 'killAtRun':
      runKill = { state: request.state, left: request.nth };
      return;
    case 'killStaging':
      return staging?.kill();
    case 'clock':
      return clock();
    case 'close':
      await backend?.close();
      return undefined;
  }
}

function send(answer: ChildAnswer): void {
  // The model may have ended before it heard everything.
  if (process.connected) process.send?.(answer, undefined, undefined, () => undefined);
}

process.on('message', (message: { id: number; request: ChildRequest }) => {
  perform(message.request).then(
    (value) => send({ kind: 'answer', id: message.id, value }),
    (error: unknown) =>
      send({
        kind: 'error',
        id: message.id,
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
});
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready' });
