import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { FailureError } from '../../../shared/contract/failure.ts';
import { diskFailure, syncFolder } from '../documents/durable-file.ts';
import { LostAnswer } from './org-answers.ts';
import { headerOf } from './http-transport.ts';

/** Unzipped in steps of this many bytes, so that a large file is written in large pieces. */
const UNZIPPED_CHUNK = 256 * 1024;

/** An answer's bytes, unzipped. Errors of the connection and of the compression end the stream. */
function bytesOf(response: Dispatcher.ResponseData): Readable {
  if (headerOf(response, 'content-encoding') !== 'gzip') return response.body;
  const gunzip = createGunzip({ chunkSize: UNZIPPED_CHUNK });
  // Whoever reads the unzipped end is told by it.
  pipeline(response.body, gunzip, () => undefined);
  return gunzip;
}

/** What a body that broke off means. */
function lost(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new FailureError({ code: 'CANCELLED' });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new LostAnswer(code || (error instanceof Error ? error.name : 'unknown'));
}

/** A whole body as text. Throws `CANCELLED` and `LostAnswer`. */
export async function readText(response: Dispatcher.ResponseData, signal: AbortSignal): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of bytesOf(response) as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw lost(error, signal);
  }
}

/** Looks on while a body is written: at its unzipped bytes, from its beginning each time it is asked for. */
export interface BodyWatch {
  begin(): void;
  /** The bytes are only borrowed. */
  chunk(bytes: Buffer): void;
}

/**
 * Writes a body to a file, whole or not at all, to outlast a power cut.
 * Throws `CANCELLED`, `DISK_FULL`, `DISK_REFUSED`, and `LostAnswer` for a body that is torn or badly compressed.
 */
export async function saveBody(
  response: Dispatcher.ResponseData,
  file: string,
  signal: AbortSignal,
  watch?: BodyWatch,
): Promise<{ sha256: string; bytes: number }> {
  const part = `${file}.part`;
  let target: FileHandle | null = null;
  try {
    target = await onDisk(() => open(part, 'w', 0o600));
    const measured = await copy(response, target, signal, watch);
    const written = target;
    await onDisk(async () => {
      await written.sync();
      await written.close();
      target = null;
      await rename(part, file);
      await syncFolder(dirname(file));
    });
    return measured;
  } catch (error) {
    response.body.on('error', () => undefined).destroy();
    await target?.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

async function copy(
  response: Dispatcher.ResponseData,
  target: FileHandle,
  signal: AbortSignal,
  watch: BodyWatch | undefined,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  watch?.begin();
  const chunks = (bytesOf(response) as AsyncIterable<Buffer, undefined>)[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw lost(error, signal);
    });
    if (next.done) return { sha256: hash.digest('hex'), bytes };
    hash.update(next.value);
    watch?.chunk(next.value);
    bytes += next.value.length;
    await onDisk(() => target.writeFile(next.value));
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFailure(error, 'the answer of the org');
  }
}
