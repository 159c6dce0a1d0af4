import { FailureError } from '../../../shared/contract/failure.ts';
import { FileLock } from '../documents/file-lock.ts';
import { lockPath } from './known-loads.ts';

/** The lock of a load's folder. Throws `LOAD_OPEN_ELSEWHERE`. */
export async function takeLock(folder: string): Promise<FileLock> {
  const taken = await FileLock.take(lockPath(folder));
  if ('lock' in taken) return taken.lock;
  const { pid, host } = taken.holder;
  throw new FailureError({ code: 'LOAD_OPEN_ELSEWHERE', pid, host });
}
