import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { FailureError } from '../../../shared/contract/failure.ts';
import { systemCode } from '../documents/durable-file.ts';

/** What a file of a load must be. */
export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file's size and SHA-256, or null if it can't be read. Rejects with the signal's reason. */
export async function factsOf(path: string, signal: AbortSignal): Promise<FileFacts | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { signal, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (systemCode(error) !== null) return null;
    throw error;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Throws `DATA_DAMAGED` unless a part's file is, byte for byte, the one that was written from the plan. */
export async function holdToDigest(
  path: string,
  part: FileFacts & { readonly part: number },
  signal: AbortSignal,
): Promise<void> {
  const facts = await factsOf(path, signal);
  if (facts?.sha256 !== part.sha256 || facts.bytes !== part.bytes)
    throw new FailureError({ code: 'DATA_DAMAGED', what: `Part ${part.part} of the load` });
}
