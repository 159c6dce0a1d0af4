import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../../shared/contract/failure.ts';
import type { Input, Output, ProcedureName } from '../../../shared/contract/procedures.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';

const MAIN = fileURLToPath(new URL('../browser/main.ts', import.meta.url));

/** The real browser host as a process, with one window that speaks HTTP to it. */
export interface BrowserHostProcess {
  call<P extends ProcedureName>(procedure: P, input: Input<P>): Promise<Output<P>>;
  /** The next address of another site that it wants opened. */
  address(): Promise<string>;
  handOver(name: string, text: string): Promise<SourceId>;
  /** As a crash ends it. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBrowserHost(
  cwd: string,
  env: NodeJS.ProcessEnv,
  words: readonly string[] = [],
): Promise<BrowserHostProcess> {
  const child = spawn(process.execPath, [MAIN, '--no-open', ...words], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    return ended;
  };
  const printed: string[] = [];
  let look = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    for (const [, found = ''] of chunk.toString().matchAll(/Open this address: (\S+)/g)) printed.push(found);
    look();
  });
  const address = async (): Promise<string> => {
    while (printed.length === 0) {
      await new Promise<void>((resolve, reject) => {
        look = resolve;
        void ended.then(() => reject(new Error('the browser host ended')));
      });
    }
    return printed.shift() ?? '';
  };
  const opened = new URL(await address());
  const { origin } = opened;
  const ticket = new URLSearchParams(opened.hash.slice(1)).get('ticket');
  const session = await fetch(`${origin}/api/session`, { method: 'POST', body: JSON.stringify({ ticket }) });
  const { bearer } = (await session.json()) as { bearer: string };
  const headers = { authorization: `Bearer ${bearer}` };
  const valueOf = async <T>(response: Response): Promise<T> => {
    const answer = (await response.json()) as Answer<T>;
    if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
    return answer.value;
  };
  let calls = 0;
  return {
    call: async (procedure, input) => {
      const body = JSON.stringify({ callId: `t${++calls}`, procedure, input });
      return valueOf(await fetch(`${origin}/api/call`, { method: 'POST', headers, body }));
    },
    address,
    handOver: async (name, text) => {
      const bytes = Buffer.from(text);
      const facts = new URLSearchParams({ name, size: String(bytes.length) });
      const head = await fetch(`${origin}/api/source?${facts.toString()}`, {
        method: 'POST',
        headers,
        body: bytes.subarray(0, 256 * 1024),
      });
      const { sourceId, upload } = await valueOf<{ sourceId: SourceId; upload: string }>(head);
      await valueOf(await fetch(`${origin}/api/source?upload=${upload}`, { method: 'PUT', headers, body: bytes }));
      return sourceId;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** Plays the person on the practice org's pages: logs in and allows. */
export async function allowOnPages(authorizeUrl: string): Promise<void> {
  const hidden = (html: string): URLSearchParams => {
    const inputs = [...html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const decoded = (text: string) =>
      text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
    return new URLSearchParams(inputs.map(([, name = '', value = '']): [string, string] => [name, decoded(value)]));
  };
  const send = async (path: string, fields: URLSearchParams, more: Record<string, string>): Promise<string> => {
    for (const [name, value] of Object.entries(more)) fields.set(name, value);
    return (await fetch(new URL(path, authorizeUrl), { method: 'POST', body: fields })).text();
  };
  const login = hidden(await (await fetch(authorizeUrl)).text());
  const person = { username: 'admin@practice.example', password: 'practice' };
  await send('/consent', hidden(await send('/login', login, person)), { answer: 'allow' });
}
