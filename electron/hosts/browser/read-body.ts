import type { IncomingMessage } from 'node:http';
import { FailureError } from '../../../shared/contract/failure.ts';

/** What is too large is read on and thrown away up to this many times its limit, so that the answer is heard. */
const READ_ON = 4;

/** A small body must have come by then, in milliseconds, however slowly it drips. */
const JSON_WITHIN = 120_000;

/** So often in the time in which a request must send something it is looked whether it did. */
const LOOKS = 4;

/**
 * Ends a request that sends nothing for so long, in milliseconds. However long one that sends lasts is its own affair, and so is how
 * long the disk takes for what has come: time in which bytes wait for us, or all of them are here, is not counted. A time-out of the
 * socket would count it.
 */
export async function unlessIdle<T>(request: IncomingMessage, idle: number, work: () => Promise<T>): Promise<T> {
  let heard = -1;
  let silent = 0;
  const looking = setInterval(() => {
    const { bytesRead } = request.socket;
    const isWaited = !request.complete && request.readableLength === 0;
    silent = isWaited && bytesRead === heard ? silent + 1 : 0;
    heard = bytesRead;
    if (silent >= LOOKS) request.destroy(new FailureError({ code: 'CONNECTION_LOST' }));
  }, idle / LOOKS);
  try {
    return await work();
  } finally {
    clearInterval(looking);
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
