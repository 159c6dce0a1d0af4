import { createReadStream } from 'node:fs';
import { FailureError } from '../../../shared/contract/failure.ts';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const READ_AT_ONCE = 1024 * 1024;

/**
 * Records of a CSV file as Bulk API 2.0 writes it, the header not counted: line feeds outside quotes end them, and the last
 * may lack its own. A quote within a quoted cell is doubled, so that being inside quotes is a matter of even and odd.
 */
export async function countRecords(file: string, signal: AbortSignal): Promise<number> {
  let quoted = false;
  let ended = 0;
  let open = false;
  try {
    for await (const chunk of createReadStream(file, {
      highWaterMark: READ_AT_ONCE,
      signal,
    }) as AsyncIterable<Buffer>) {
      for (const byte of chunk) {
        if (byte === QUOTE) quoted = !quoted;
        else if (byte === LINE_FEED && !quoted) ended++;
      }
      open = quoted || chunk.at(-1) !== LINE_FEED;
    }
  } catch (error) {
    throw signal.aborted ? new FailureError({ code: 'CANCELLED' }) : error;
  }
  return Math.max(0, ended + (open ? 1 : 0) - 1);
}
