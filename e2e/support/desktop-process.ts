import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Action, ToHost, ToPerson } from './electron-stand-in/wire.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAUNCH = fileURLToPath(new URL('./electron-stand-in/launch.ts', import.meta.url));
/** The built app: this checkout, or a packed one laid out elsewhere (`scripts/pack.ts`). */
const PACKED = process.env['LONGSHORE_PACKED_APP'];

type Kind = ToPerson['kind'];
type Told<K extends Kind> = Extract<ToPerson, { kind: K }>;

interface Settings {
  /** Where Electron's folders lie. */
  readonly data: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The app's folder. */
  readonly folder?: string;
}

/** A desktop host on what stands for Electron, and the person, the system and the window it talks to. */
export class DesktopProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (message: ToPerson) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<Kind, (message: never) => void>();
  readonly #seen: ToPerson[] = [];
  #watchers: { matches: (message: ToPerson) => boolean; resolve: (message: ToPerson) => void }[] = [];
  /** Settles with the code that the process ended with. */
  readonly ended: Promise<number | null>;
  #asked = 0;
  #calls = 0;

  constructor({ data, words = [], env = {}, folder = PACKED ?? ROOT }: Settings) {
    this.#child = fork(LAUNCH, [folder, ...words], {
      cwd: folder,
      serialization: 'advanced',
      // shell/browser/electron_browser_main_parts.cc: rejections that nobody awaited are warned of.
      execArgv: ['--unhandled-rejections=warn-with-error-code'],
      env: {
        ...process.env,
        ...(PACKED === undefined ? {} : { LONGSHORE_STAND_IN_PACKED: '1' }),
        LONGSHORE_STAND_IN_DATA: data,
        ...env,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message: ToPerson) => this.#take(message));
    this.ended = once(this.#child, 'exit').then(([code]) => code as number | null);
    void this.ended.then((code) => {
      const error = new Error(`the desktop host ended with ${String(code)}`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #take(message: ToPerson): void {
    this.#seen.push(message);
    this.#watchers = this.#watchers.filter(({ matches, resolve }) => {
      if (!matches(message)) return true;
      resolve(message);
      return false;
    });
    this.#listeners.get(message.kind)?.(message as never);
    if (!('id' in message)) return;
    const waiting = this.#waiting.get(message.id);
    const isAnswer = ['answer', 'answer-error', 'protocol-answer', 'done'].includes(message.kind);
    if (!isAnswer || !waiting) return;
    this.#waiting.delete(message.id);
    waiting.resolve(message);
  }

  /** Everything of a kind that the host says; one listener a kind. */
  on<K extends Kind>(kind: K, listener: (message: Told<K>) => void): void {
    this.#listeners.set(kind, listener);
  }

  /** The first of a kind, from the beginning on, that `which` holds for. */
  until<K extends Kind>(kind: K, which: (message: Told<K>) => boolean = () => true): Promise<Told<K>> {
    const matches = (message: ToPerson): boolean => message.kind === kind && which(message as Told<K>);
    const seen = this.#seen.find(matches);
    if (seen) return Promise.resolve(seen as Told<K>);
    return new Promise((resolve) => this.#watchers.push({ matches, resolve: resolve as (message: ToPerson) => void }));
  }

  /** What was said so far of a kind. */
  said<K extends Kind>(kind: K): Told<K>[] {
    return this.#seen.filter((message) => message.kind === kind) as Told<K>[];
  }

  post(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Rejects if the host ends before it answers. */
  request(make: (id: number) => ToHost): Promise<ToPerson> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.post(make(id));
    });
  }

  /** Does what a person, the system or Chromium does; answers what the action says. */
  async act(action: Action): Promise<boolean> {
    const answer = await this.request((id) => ({ kind: 'act', id, action }));
    return answer.kind === 'done' && answer.value;
  }

  /** What the page asks through the preload. Throws as `ipcRenderer.invoke` does (lib/renderer/api/ipc-renderer.ts). */
  async invoke(channel: string, args: unknown[], frame = { url: 'longshore://app/', isMain: true }): Promise<unknown> {
    const answer = await this.request((id) => ({ kind: 'invoke', id, channel, args, frame }));
    if (answer.kind === 'answer-error') throw new Error(`Error invoking remote method '${channel}': ${answer.error}`);
    return answer.kind === 'answer' ? answer.value : undefined;
  }

  /** Calls the backend as the page does. Throws what it answers instead of a value. */
  async call(procedure: string, input: unknown): Promise<unknown> {
    const request = { callId: `t${++this.#calls}`, procedure, input };
    const answer = (await this.invoke('backend', [request])) as { ok: boolean; value?: unknown };
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  /** Quits as a person does, and settles when the process has ended. */
  async quit(): Promise<number | null> {
    await this.act({ kind: 'quit' }).catch(() => false);
    return this.ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
