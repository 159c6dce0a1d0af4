import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { ReportFile } from '../../../shared/domain/load-results.ts';
import { MARKED_UTF8 } from '../../../shared/domain/source-file.ts';
import { loadStory } from '../../../shared/text/load-story.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { BACKUP_NAME } from '../load/back-up.ts';
import type { OpenedLoad } from '../load/opened-load.ts';
import { writeReport } from '../report/write-report.ts';
import type { StagingClient } from '../staging/staging-client.ts';

/** Longshore's own records of a load: how it stands, what it ran, and each step that it took. */
const RECORDS = ['load.json', 'plan.json', 'journal.jsonl'] as const;

const WHAT = 'the load as one file';

/**
 * Puts a load into one ZIP, for a colleague or for support, and gives its path in the load's folder: its story in words and Longshore's
 * records of it and, `withRows`, every row with what became of it. Sessions are no part of a load: no token is in it.
 * Throws `DISK_FULL` and `DISK_REFUSED`.
 */
export async function packLoad(
  staging: StagingClient,
  { snapshot, stored, folder }: OpenedLoad,
  withRows: boolean,
  signal: AbortSignal,
): Promise<string> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(loadStory(snapshot), 'utf8'), 'load.txt');
  for (const name of RECORDS) await addIfThere(zip, join(folder, name), name);
  if (withRows) {
    for (const file of ReportFile.options) {
      const { path } = await writeReport(
        staging,
        stored,
        folder,
        file,
        { spreadsheetSafe: false, writing: MARKED_UTF8 },
        signal,
      );
      zip.addFile(path, `${file}.csv`);
    }
    await addIfThere(zip, join(folder, BACKUP_NAME), BACKUP_NAME);
  }
  const path = join(folder, withRows ? 'packed.zip' : 'packed-without-rows.zip');
  // What a file that is gone by now does to the archive is told by the archive, not by its stream.
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  const written = pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }), { signal });
  zip.end();
  await Promise.race([written, failed]).catch((error: unknown) => {
    signal.throwIfAborted();
    throw diskFailure(error, WHAT);
  });
  return path;
}

async function addIfThere(zip: ZipFile, path: string, name: string): Promise<void> {
  const isThere = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isThere) zip.addFile(path, name);
}
