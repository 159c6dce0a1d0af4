import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { FailureError } from '../../../shared/contract/failure.ts';
import { UsageError } from './usage-error.ts';

/** More than any password or token has, in characters. */
const LONGEST = 20_000;

/**
 * A secret from the environment, else typed without being shown, else the first line of what is piped in. Never an argument: other
 * users of a computer may see those, and shells remember them.
 */
export async function readSecret(what: string, variable: string | null, signal: AbortSignal): Promise<string> {
  const given = variable === null ? undefined : process.env[variable];
  const secret = given || (process.stdin.isTTY ? await typed(what, signal) : firstLine(await text(process.stdin)));
  if (secret !== '' && secret.length <= LONGEST) return secret;
  const places = variable === null ? 'pipe it in' : `set ${variable}, or pipe it in`;
  throw new UsageError(`No ${what}: ${places}.`);
}

function firstLine(piped: string): string {
  return piped.split(/\r?\n/, 1)[0]?.trim() ?? '';
}

function typed(what: string, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now does the terminal show nothing of what is typed: who answers at once is not seen either.
  process.stderr.write(`${what}: `);
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      lines.close();
      reject(new FailureError({ code: 'CANCELLED' }));
    };
    lines.once('SIGINT', cancel);
    signal.addEventListener('abort', cancel, { once: true });
    lines.once('line', (line) => {
      lines.close();
      process.stderr.write('\n');
      resolve(line);
    });
  });
}
