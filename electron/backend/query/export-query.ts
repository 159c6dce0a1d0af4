import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { diskFailure } from '../documents/durable-file.ts';
import type { Clock } from '../ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { bulkQuery, type QueryClient } from './bulk-query.ts';

/** Drops the first line of a page: every page of query results repeats the header. */
function withoutHeader(): Transform {
  let inHeader = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!inHeader) return done(null, chunk);
      const end = chunk.indexOf(0x0a);
      inHeader = end < 0;
      done(null, end < 0 ? undefined : chunk.subarray(end + 1));
    },
  });
}

/** Writes the records of a SOQL query to one CSV file, page after page, never holding one in memory. */
export async function exportQuery(
  client: QueryClient,
  clock: Clock,
  soql: string,
  folder: string,
  signal: AbortSignal,
  progress: (records: number) => void = () => undefined,
): Promise<{ path: string; records: number }> {
  const path = join(folder, 'export.csv');
  await writeFile(path, '', { mode: 0o600 });
  let pages = 0;
  let records = 0;
  await bulkQuery(
    client,
    clock,
    soql,
    folder,
    async (file, recordsSoFar) => {
      const source = createReadStream(file);
      const target = createWriteStream(path, { flags: 'a' });
      try {
        await (pages++ === 0
          ? pipeline(source, target, { signal })
          : pipeline(source, withoutHeader(), target, { signal }));
      } catch (error) {
        if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
        throw diskFailure(error, 'the exported file');
      }
      records = recordsSoFar;
      progress(records);
    },
    signal,
  );
  return { path, records };
}
