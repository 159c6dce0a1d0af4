import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { Failure } from '../../../shared/contract/failure.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { failureText } from '../../../shared/text/failure-text.ts';

/** How a command ends: its exit code with what it found, what went wrong, or what the command lacks. */
export const Ending = z.union([
  z.object({ code: z.number(), failure: Failure }),
  z.object({ code: z.number(), message: z.string() }),
  z.object({ code: z.number(), result: z.unknown() }),
]);
export type Ending = z.infer<typeof Ending>;

/** Where a command speaks to: a terminal, a script that wants one JSON document, or whoever started a runner. */
export interface Output {
  line(text: string): void;
  progress(text: string): void;
  /** Beside what is asked for: never part of what a script reads. */
  note(text: string): void;
  /** What is typed as the answer to a question; null where nobody can be asked. */
  ask(question: string): Promise<string | null>;
  /** A load is on disk and runs. */
  started(load: LoadSnapshot): void;
  /** Settles when all of it is said. */
  end(ending: Ending): Promise<void>;
}

export class TerminalOutput implements Output {
  readonly #json: boolean;

  constructor(json: boolean) {
    this.#json = json;
  }

  line(text: string): void {
    if (!this.#json) process.stdout.write(`${text}\n`);
  }

  progress(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`${text}\r`);
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async ask(question: string): Promise<string | null> {
    if (this.#json || !process.stdin.isTTY || !process.stderr.isTTY) return null;
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    // A terminal that is read from does not turn Ctrl+C into a signal by itself.
    prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const called = new AbortController();
    const callOff = () => called.abort();
    process.once('SIGINT', callOff);
    prompt.once('close', callOff);
    try {
      return await prompt.question(question, { signal: called.signal });
    } catch (error) {
      // Called off, or the terminal went away: nothing was typed.
      if (called.signal.aborted) return '';
      throw error;
    } finally {
      process.off('SIGINT', callOff);
      prompt.close();
    }
  }

  started({ loadId }: LoadSnapshot): void {
    this.line(`Load ${loadId} started`);
  }

  async end(ending: Ending): Promise<void> {
    const text = textOf(ending);
    if (this.#json) {
      const { code: status, ...facts } = ending;
      const message = text === null ? {} : { message: text[0] };
      process.stdout.write(`${JSON.stringify({ status, ...facts, ...message }, null, 2)}\n`);
    } else if (text !== null) {
      process.stderr.write(`${text.join('\n')}\n`);
    }
    for (const stream of [process.stdout, process.stderr]) await new Promise((said) => stream.write('', said));
  }
}

function textOf(ending: Ending): string[] | null {
  if ('message' in ending) return [ending.message];
  if (!('failure' in ending)) return null;
  const { title, saved, next } = failureText(ending.failure);
  return [title, `${saved} ${next}`];
}
