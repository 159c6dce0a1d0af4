import { BackendEvent } from '../../shared/contract/events.ts';
import type { Reach, ReachState } from './reach.ts';

/** Milliseconds between two tries. */
const RECONNECT = 1000;
/** A connection that is not made within this is held to be lost, in milliseconds. */
const SOON = 1000;
/** The host sends something every ten seconds: silence of this many milliseconds says that it is gone without a word. */
const SILENCE = 25_000;

interface Options {
  /** With the bearer token of the moment. */
  readonly headers: () => Record<string, string>;
  readonly reach: Reach;
}

/** Events as lines of JSON, each a whole snapshot. While the stream is open the backend is there; when it breaks, it is not. */
export class EventStream {
  readonly #options: Options;
  #attempt: AbortController | null = null;
  #wake: () => void = () => undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Listens until the signal ends it, through any number of connections. */
  async listen(listener: (event: BackendEvent) => void, signal: AbortSignal): Promise<void> {
    const { reach } = this.#options;
    while (!signal.aborted) {
      const attempt = (this.#attempt = new AbortController());
      const leave = (): void => attempt.abort();
      signal.addEventListener('abort', leave);
      const began = performance.now();
      const slow = setTimeout(() => reach.set('lost'), SOON);
      const opened = await this.#open(attempt.signal);
      clearTimeout(slow);
      if (!signal.aborted) reach.set(opened.state);
      if (opened.body) await read(opened.body, listener, attempt);
      signal.removeEventListener('abort', leave);
      // A connection that stood for a while is made again at once: whether that works tells what has happened.
      const lasted = performance.now() - began;
      if (!signal.aborted && lasted < RECONNECT) await this.#pause(RECONNECT - lasted);
    }
  }

  /** Looks now whether the backend is there: a call had no answer, or the window may speak to it again. */
  readonly look = (): void => {
    this.#attempt?.abort();
    this.#wake();
  };

  async #open(signal: AbortSignal): Promise<{ state: ReachState; body: ReadableStream<Uint8Array> | null }> {
    try {
      const response = await fetch('/api/events', { headers: this.#options.headers(), signal });
      if (response.ok) return { state: 'there', body: response.body };
      return { state: response.status === 401 ? 'unknown-here' : 'lost', body: null };
    } catch {
      // Refused, cut off or called off: it is tried again, and the window says so meanwhile.
      return { state: 'lost', body: null };
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Reads until the connection ends, breaks or has been silent for too long. */
async function read(
  body: ReadableStream<Uint8Array>,
  listener: (event: BackendEvent) => void,
  attempt: AbortController,
): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => attempt.abort(), SILENCE);
  };
  try {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let rest = '';
    heard();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      heard();
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tell(line, listener);
    }
  } catch {
    // It broke: the next connection brings what was missed, or says that there is none.
  } finally {
    clearTimeout(silence);
  }
}

/** An empty line only says that the host is there. */
function tell(line: string, listener: (event: BackendEvent) => void): void {
  if (line === '') return;
  const event = BackendEvent.safeParse(JSON.parse(line));
  if (event.success) listener(event.data);
}
