import type { Hash } from 'node:crypto';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { SourceNotice } from '../../../shared/domain/source-file.ts';
import type { PartToRead } from '../staging/staging-functions.ts';
import { hashContent } from './read-part.ts';
import { sameStamp, stampOf } from './regular-file.ts';

type Grew = Omit<Extract<SourceNotice, { code: 'FILE_GREW' }>, 'rows'>;

/**
 * Compares a file that was just read with what was opened: first by its facts, and if they differ by the content of as many
 * bytes as it had. `before` is the hash without the file, `after` with it. Says if it only grew; throws
 * `FILE_CHANGED_WHILE_READ` if the rows could be of two files.
 */
export async function refuseOther(
  part: PartToRead,
  before: Hash,
  after: Hash,
  signal: AbortSignal,
): Promise<Grew | null> {
  const { path, fileName, format, stamp } = part;
  if (stamp === null) return null;
  const now = await stampOf(path, fileName).catch(() => null);
  if (now && sameStamp(now, stamp)) return null;
  const refuse = (change: 'shrank' | 'replaced') =>
    new FailureError({ code: 'FILE_CHANGED_WHILE_READ', fileName, change });
  if (now === null) throw refuse('replaced');
  if (now.size < stamp.size) throw refuse('shrank');
  const grew = now.size > stamp.size;
  // What these files hold is said at their ends: nothing is added to one without it being another.
  if (grew && (format.kind === 'workbook' || format.packing === 'zip')) throw refuse('replaced');
  await hashContent(part, before, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    // As what it was, it cannot be read any more.
    throw refuse('replaced');
  });
  if (before.digest('hex') !== after.digest('hex')) throw refuse('replaced');
  return grew ? { code: 'FILE_GREW', fileName, bytes: stamp.size } : null;
}

/** Why a file could not be read: because it is no longer what was opened, rather than because of what was met in it then. */
export async function blameChange({ path, fileName, stamp }: PartToRead, error: unknown): Promise<unknown> {
  if (stamp === null || !(error instanceof FailureError)) return error;
  const now = await stampOf(path, fileName).catch(() => null);
  // One that only grew is read as far as it went before: what was met there was in it.
  if (now === null || sameStamp(now, stamp) || (now.ino === stamp.ino && now.size > stamp.size)) return error;
  const change = now.size < stamp.size ? 'shrank' : 'replaced';
  return new FailureError({ code: 'FILE_CHANGED_WHILE_READ', fileName, change });
}
