import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Backend } from '../../backend/create-backend.ts';
import { FailureError, type Answer } from '../../../shared/contract/failure.ts';
import { SourceId } from '../../../shared/domain/ids.ts';
import { refusedByDisk } from '../node-ports/put-file.ts';
import { readBytes, unlessIdle } from './read-body.ts';

/** A head is what the backend judges a file by; our page sends 256 KiB. */
const MAX_HEAD = 1024 * 1024;

const Facts = z.object({
  name: z.string().max(4096),
  size: z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  of: SourceId.optional(),
});

/** A file of which the head has come and the body is awaited. */
interface Arriving {
  readonly path: string;
  readonly fileName: string;
  readonly size: number;
  readonly window: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface UploadTools {
  readonly backend: Pick<Backend, 'handOver' | 'addFile'>;
  /** Folder that dropped files are streamed into. */
  readonly folder: string;
  /** Milliseconds without a byte after which an upload has ended. */
  readonly idle: number;
}

/** Dropped files on their way, each in two requests: its head, which is shown at once, and then all of it. */
export class Uploads {
  readonly #tools: UploadTools;
  readonly #arriving = new Map<string, Arriving>();

  constructor(tools: UploadTools) {
    this.#tools = tools;
  }

  /** The first bytes of a file: enough to show its rows while the rest is on its way. */
  async receiveHead(
    request: IncomingMessage,
    window: string,
    facts: URLSearchParams,
  ): Promise<Answer<{ sourceId: string; upload: string }>> {
    const { backend, folder } = this.#tools;
    const { name, size, of } = Facts.parse(Object.fromEntries(facts));
    const upload = randomBytes(16).toString('hex');
    const path = join(folder, upload);
    const fileName = name.replace(/[/\\]/g, '_').slice(0, 255);
    return this.#answered(path, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // One that was there before may have been open to others.
      await chmod(folder, 0o700);
      const head = await unlessIdle(request, this.#tools.idle, () => readBytes(request, MAX_HEAD));
      await writeFile(path, head, { mode: 0o600 });
      const complete = Promise.withResolvers<void>();
      // Whoever stages the file hears of a failure; before that nobody does.
      complete.promise.catch(() => undefined);
      const copy = { fileName, arriving: { byteLength: size, complete: complete.promise } };
      if (of !== undefined) await backend.addFile(of, path, copy);
      const sourceId = of ?? (await backend.handOver([path], copy));
      this.#arriving.set(upload, { path, fileName, size, window, done: complete.resolve, failed: complete.reject });
      return { sourceId, upload };
    });
  }

  /** The whole file, streamed to disk, of exactly the size that was stated; the backend stages it as the desktop stages a path. */
  async receiveBody(request: IncomingMessage, window: string, upload: string): Promise<Answer<null>> {
    const expected = this.#arriving.get(upload);
    if (expected?.window !== window) return { ok: false, failure: { code: 'SOURCE_UNKNOWN' } };
    this.#arriving.delete(upload);
    const { path, fileName, size } = expected;
    const notWhole = (arrived: number) =>
      new FailureError({ code: 'UPLOAD_NOT_WHOLE', fileName, stated: size, arrived });
    const whole = `${path}.whole`;
    const answer = await this.#answered(whole, async () => {
      const length = request.headers['content-length'];
      if (length !== undefined && Number(length) !== size) throw notWhole(Number(length));
      const arrived = await this.#receive(request, whole, size, notWhole);
      if (arrived !== size) throw notWhole(arrived);
      await rename(whole, path);
      return null;
    });
    if (answer.ok) expected.done();
    else expected.failed(new FailureError(answer.failure));
    return answer;
  }

  /** A window that went away sends nothing any more. */
  abandon(window: string): void {
    for (const [upload, { window: owner, failed }] of this.#arriving) {
      if (owner !== window) continue;
      this.#arriving.delete(upload);
      failed(new FailureError({ code: 'CONNECTION_LOST' }));
    }
  }

  /** Writes what comes, of at most so many bytes, and says how many came. */
  #receive(
    request: IncomingMessage,
    path: string,
    atMost: number,
    tooMany: (arrived: number) => FailureError,
  ): Promise<number> {
    let arrived = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        arrived += chunk.length;
        if (arrived > atMost) next(tooMany(arrived));
        else next(null, chunk);
      },
    });
    return unlessIdle(request, this.#tools.idle, async () => {
      await pipeline(request, counted, createWriteStream(path, { mode: 0o600, highWaterMark: 1024 * 1024 }));
      return arrived;
    });
  }

  async #answered<T>(path: string, work: () => Promise<T>): Promise<Answer<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      // Where it could not be written there may be nothing that could be removed; the sweep at the next start looks again.
      await rm(path, { force: true }).catch(() => undefined);
      if (error instanceof FailureError) return { ok: false, failure: error.failure };
      const refused = refusedByDisk(error, 'the dropped file');
      return { ok: false, failure: refused?.failure ?? { code: 'CONNECTION_LOST' } };
    }
  }
}
