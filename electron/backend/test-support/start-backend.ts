import { fork } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendEvent } from '../../../shared/contract/events.ts';
import type { Input, Output, ProcedureName } from '../../../shared/contract/procedures.ts';
import type { LoadId, SourceId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { AppSettings } from '../../../shared/domain/settings.ts';
import type { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { createBackend, type Backend } from '../create-backend.ts';
import type { StagingChannel } from '../ports.ts';
import { SETTINGS_KEY } from '../settings/preferences.ts';
import { childChannel } from '../staging/child-channel.ts';

interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Those that begin with `sforce-`, in small letters. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A practice org in its own process, spoken to over HTTP only. */
export async function startPracticeOrg(args: string[] = []): Promise<{
  url: string;
  accessToken: string;
  faults(rules: unknown[]): Promise<void>;
  requests(): Promise<ReceivedRequest[]>;
  /** Asks the admin port for anything else. */
  admin<T>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): void;
}> {
  const main = fileURLToPath(new URL('../../practice-org/main.ts', import.meta.url));
  const child = fork(main, ['--rows-per-second', '0', '--queue-delay', '0', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  type Ready = { url: string; adminUrl: string; accessToken: string };
  const { url, adminUrl, accessToken } = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready));
    child.once('exit', (code) => reject(new Error(`the practice org ended with ${String(code)}`)));
  });
  return {
    url,
    accessToken,
    faults: async (rules) => {
      const response = await fetch(`${adminUrl}/faults`, { method: 'PUT', body: JSON.stringify(rules) });
      if (!response.ok) throw new Error(await response.text());
    },
    requests: async () => (await (await fetch(`${adminUrl}/requests`)).json()) as ReceivedRequest[],
    admin: async <T>(method: string, path: string, body?: unknown) => {
      const response = await fetch(`${adminUrl}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return (text === '' ? null : JSON.parse(text)) as T;
    },
    stop: () => void child.kill(),
  };
}

const STAGING = fileURLToPath(new URL('../staging-process.ts', import.meta.url));

/** The staging engine as a child process. */
export function spawnStaging(spillFolder: string, main = STAGING): StagingChannel & { readonly pid: number } {
  const child = fork(main, ['--spill', spillFolder], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return { ...childChannel(child), pid: child.pid ?? 0 };
}

/** Plays the person on the sign-in pages: logs in and allows, as the forms say. */
export async function signInOnPages(
  authorizeUrl: string,
  answer: 'allow' | 'deny' = 'allow',
  username = 'admin@practice.example',
): Promise<void> {
  const hidden = (html: string) =>
    new URLSearchParams(
      [...html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, decode(value)] as [string, string],
      ),
    );
  // A connection of its own each: one that was idle while a test ran may just be closed by the org.
  const close = { headers: { connection: 'close' } };
  const loginHtml = await (await fetch(authorizeUrl, close)).text();
  const origin = new URL(authorizeUrl).origin;
  const login = hidden(loginHtml);
  login.set('username', username);
  login.set('password', 'practice');
  const consent = hidden(await (await fetch(`${origin}/login`, { ...close, method: 'POST', body: login })).text());
  consent.set('answer', answer);
  await (await fetch(`${origin}/consent`, { ...close, method: 'POST', body: consent })).text();
}

function decode(text: string): string {
  return text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
}

export interface TestBackend {
  readonly backend: Backend;
  readonly events: BackendEvent[];
  readonly saved: { path: string; name: string }[];
  readonly log: string[];
  readonly data: string;
  call<P extends ProcedureName>(name: P, input: Input<P>): Promise<Output<P>>;
  /** Hands a file over, opens it and waits until every row is staged. */
  stage(path: string): Promise<SourceSummary>;
  /** Opens a source and waits until every row is staged. */
  opened(sourceId: SourceId, choice: SourceChoice): Promise<SourceSummary>;
  finished(loadId: LoadId): Promise<LoadSnapshot>;
  waitFor<T>(find: (event: BackendEvent) => T | null): Promise<T>;
  /** Ends the staging process as a crash would, and waits until it is gone. */
  killStaging(): Promise<void>;
  signInAs(username: string): void;
  close(): Promise<void>;
}

/** The real backend on real ports, but with nobody in front of it: it signs in by itself. */
export async function startBackend(
  org: { url: string },
  options: {
    data?: string;
    answer?: 'allow' | 'deny';
    settings?: Map<string, unknown>;
    /** How much faster its clock goes than ours. */
    faster?: number;
    /** What time it is, for what is due at times. */
    now?: () => number;
  } = {},
): Promise<TestBackend> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'longshore-test-')));
  const events: BackendEvent[] = [];
  const saved: { path: string; name: string }[] = [];
  const log: string[] = [];
  const settings = options.settings ?? new Map<string, unknown>();
  // Tests that know nothing of the way rows go are of jobs, however few their rows are.
  if (!settings.has(SETTINGS_KEY)) settings.set(SETTINGS_KEY, { way: 'bulk' } satisfies Partial<AppSettings>);
  const secrets = new Map<string, string>();
  let tokens = 0;
  let username = 'admin@practice.example';
  let staging: StagingChannel | null = null;
  const backend = createBackend({
    info: () => ({ version: '0.0.0', host: 'cli', secretStore: 'memory' }),
    paths: { data },
    clock: {
      now: options.now ?? (() => Date.now()),
      elapsed: () => performance.now() * (options.faster ?? 1),
      timeZone: () => 'Europe/Berlin',
      sleep: async (milliseconds, signal) => {
        await sleep(Math.min(milliseconds, 50), undefined, { signal }).catch(() => {
          throw new FailureError({ code: 'CANCELLED' });
        });
      },
    },
    random: {
      token: (length) =>
        `${process.pid.toString(36)}${(++tokens).toString(36)}${Math.random().toString(36).slice(2)}`
          .padEnd(length, 'x')
          .slice(0, length),
    },
    notices: () => [],
    log: {
      place: '~/longshore.log',
      info: (message) => log.push(message),
      error: (message, error) =>
        log.push(`${message}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`),
    },
    fileChooser: { choose: () => Promise.resolve([]) },
    fileSaver: {
      save: async (path, name) => {
        // As a person's folder: what the backend does with its own copy afterwards is its affair.
        const own = join(data, `saved-${saved.length}`);
        await copyFile(path, own);
        saved.push({ path: own, name });
        return { kind: 'saved', fileName: name };
      },
    },
    secrets: {
      get: (name) => Promise.resolve(secrets.get(name) ?? null),
      set: (name, value) => Promise.resolve(void secrets.set(name, value)),
      delete: (name) => Promise.resolve(void secrets.delete(name)),
    },
    settings: {
      get: (key) => settings.get(key),
      set: (key, value) => void settings.set(key, structuredClone(value)),
      update: (key, change) => void settings.set(key, structuredClone(change(settings.get(key)))),
      refresh: () => Promise.resolve(),
    },
    openExternal: (url) => signInOnPages(url, options.answer, username),
    systemProxy: () => Promise.resolve(null),
    spawnStaging: (spillFolder) => {
      staging = spawnStaging(spillFolder);
      return staging;
    },
    practiceOrg: { start: () => Promise.resolve({ url: org.url }) },
    environmentSession: null,
  });
  const waiting = new Set<(event: BackendEvent) => void>();
  backend.subscribe((event) => {
    events.push(event);
    for (const listener of waiting) listener(event);
  });
  const waitFor = <T>(find: (event: BackendEvent) => T | null): Promise<T> =>
    new Promise((resolve) => {
      const listener = (event: BackendEvent) => {
        const found = find(event);
        if (found === null) return;
        waiting.delete(listener);
        resolve(found);
      };
      waiting.add(listener);
    });
  const call: TestBackend['call'] = async (name, input) => {
    const answer = await backend.call(name, input, new AbortController().signal);
    if (!answer.ok)
      throw Object.assign(new FailureError(answer.failure), {
        message: `${JSON.stringify(answer.failure)}\n${log.join('\n')}`,
      });
    return answer.value as never;
  };
  const opened: TestBackend['opened'] = async (sourceId, choice) => {
    const done = waitFor((event) =>
      event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind !== 'staging'
        ? event.source
        : null,
    );
    await call('source.open', { sourceId, choice });
    return done;
  };
  return {
    backend,
    events,
    saved,
    log,
    data,
    call,
    waitFor,
    stage: async (path) => opened(await backend.handOver([path]), {}),
    opened,
    finished: async (loadId) => {
      const ended = (load: LoadSnapshot) => load.state.kind === 'finished' || load.state.kind === 'paused';
      const done = waitFor((event) =>
        event.topic === 'load' && event.load.loadId === loadId && ended(event.load) ? event.load : null,
      );
      const now = await call('load.get', { loadId });
      return ended(now) ? now : done;
    },
    killStaging: () =>
      new Promise((resolve) => {
        staging?.onExit(() => resolve());
        staging?.kill();
      }),
    signInAs: (next) => {
      username = next;
    },
    close: async () => {
      await backend.close();
      if (options.data === undefined) await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
