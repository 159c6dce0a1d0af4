import type { IncomingMessage } from 'node:http';
import { FailureError } from '../../../shared/contract/failure.ts';

/** What is too large is read on and thrown away up to this many times its limit, so that the answer is heard. */
const READ_ON = 4;

/** A small body must have come by then, in milliseconds, however slowly it drips. */
const JSON_WITHIN = 120_000;

/** Ends a request that sends nothing for so long, in milliseconds. However long one that sends lasts is its own affair. */
export async function unlessIdle<T>(request: IncomingMessage, idle: number, work: () => Promise<T>): Promise<T> {
  const stop = (): void => void request.destroy(new FailureError({ code: 'CONNECTION_LOST' }));
  request.setTimeout(idle, stop);
  try {
    return await work();
  } finally {
    // The answer may take longer than that, and the next request on this connection has its own.
    request.setTimeout(0);
    request.removeListener('timeout', stop);
  }
}

/** A body of at most `limit` bytes as JSON. Throws `REQUEST_TOO_LARGE`, and a SyntaxError for what is no JSON. */
export async function readJson(request: IncomingMessage, limit: number, idle: number): Promise<unknown> {
  return unlessIdle(request, idle, async () => {
    const late = setTimeout(() => request.destroy(new FailureError({ code: 'CONNECTION_LOST' })), JSON_WITHIN);
    try {
      return JSON.parse((await readBytes(request, limit)).toString('utf8')) as unknown;
    } finally {
      clearTimeout(late);
    }
  });
}

/** A body of at most `limit` bytes. Throws `REQUEST_TOO_LARGE`. */
export async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    if (size > limit * READ_ON) break;
  }
  if (size > limit) throw new FailureError({ code: 'REQUEST_TOO_LARGE', limit });
  return Buffer.concat(chunks);
}
