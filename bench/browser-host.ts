import { spawn, type ChildProcess } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { Agent, fetch, request } from 'undici';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A plan of millions of rows answers when it is made. */
const PATIENT = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

/** Bytes of a file that the renderer sends before all of it. */
const HEAD = 256 * 1024;

/** MB of JavaScript that the practice org may have: it keeps its records there, about 2 KB each. It is not counted. */
export const PRACTICE_ORG_HEAP = 14_000;

/** Goes through the practice org's sign-in pages. */
async function signInOnPages(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
}

/** The browser host in its own process, as `npm start` runs it, spoken to over its own HTTP as the renderer does. */
export class BrowserHost {
  readonly child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #url = '';
  #bearer = '';

  /** `probe` is the file in which its processes note what held up their event loops (event-loop-probe.ts). */
  constructor(data: string, accounts: number, probe: string) {
    this.child = spawn(
      process.execPath,
      [
        // As `npm start` runs it.
        '--max-semi-space-size=4',
        '--optimize-for-size',
        join(ROOT, 'electron/hosts/browser/main.ts'),
        '--no-open',
        '--data',
        data,
        '--practice-rows-per-second',
        '0',
        '--practice-records',
        String(accounts),
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          MALLOC_ARENA_MAX: '2',
          LOOP_PROBE: probe,
          // The staging process has its own heap limit, which goes before this one.
          NODE_OPTIONS: `--max-old-space-size=${PRACTICE_ORG_HEAP} --import ${new URL('./event-loop-probe.ts', import.meta.url).href}`,
        },
      },
    );
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#lines.push(...chunk.toString().split('\n'));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** The next address that it asks to be opened. */
  async address(): Promise<string> {
    for (;;) {
      const at = this.#lines.findIndex((line) => line.startsWith('Open this address: '));
      if (at >= 0) return (this.#lines.splice(at, 1)[0] ?? '').replace('Open this address: ', '');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The page at `link` took the one ticket there is; it lends its token for the calls to come. */
  async borrowToken(page: Page, link: string): Promise<void> {
    this.#url = new URL(link).origin;
    this.#bearer = (await page.evaluate(() => sessionStorage.getItem('longshore-bearer'))) ?? '';
  }

  /** Signs in to the practice org. Returns its id. */
  async signIn(context: BrowserContext): Promise<string> {
    const signingIn = this.call<{ orgId: string }>('orgs.signIn', { target: { kind: 'practice' } });
    await signInOnPages(await context.newPage(), await this.address());
    return (await signingIn).orgId;
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#bearer}`, 'content-type': 'application/json' };
  }

  async call<T>(procedure: string, input: unknown): Promise<T> {
    const response = await fetch(`${this.#url}/api/call`, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({ callId: procedure, procedure, input }),
      dispatcher: PATIENT,
    });
    const answer = (await response.json()) as { ok: true; value: T } | { ok: false; failure: unknown };
    if (!answer.ok) throw new Error(`${procedure}: ${JSON.stringify(answer.failure)}`);
    return answer.value;
  }

  /** Asks every 50 ms, and shows each answer. */
  async until<T>(procedure: string, input: unknown, done: (value: T) => boolean): Promise<T> {
    for (;;) {
      const value = await this.call<T>(procedure, input);
      if (done(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As the renderer does it: the head first, then the whole file beside whatever is asked next. */
  async handOver(path: string): Promise<{ sourceId: string; arrived: Promise<void> }> {
    const { size } = await stat(path);
    const head = await buffer(createReadStream(path, { end: HEAD - 1 }));
    const { sourceId, upload } = await this.#send<{ sourceId: string; upload: string }>('POST', head, head.length, {
      name: 'bench.csv',
      size: String(size),
    });
    return { sourceId, arrived: this.#send('PUT', createReadStream(path), size, { upload }) };
  }

  /** A stream with its length beside it: Node's own Blob of a file says its size modulo 4 GiB (nodejs/node#52585). */
  async #send<T>(
    method: 'POST' | 'PUT',
    body: Buffer | Readable,
    length: number,
    facts: Record<string, string>,
  ): Promise<T> {
    const answer = await request(`${this.#url}/api/source?${new URLSearchParams(facts).toString()}`, {
      method,
      headers: { ...this.#headers, 'content-length': String(length) },
      body,
      dispatcher: PATIENT,
    });
    const told = (await answer.body.json()) as { ok: true; value: T } | { ok: false; failure: unknown };
    if (!told.ok) throw new Error(`the upload: ${JSON.stringify(told.failure)}`);
    return told.value;
  }

  stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    this.child.kill('SIGTERM');
    return ended;
  }
}
