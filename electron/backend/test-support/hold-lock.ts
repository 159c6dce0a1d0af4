import { FileLock } from '../documents/file-lock.ts';

/** Takes the lock at a path and keeps it until it is killed. */
const taken = await FileLock.take(process.argv[2] ?? '');
process.send?.('lock' in taken);
setInterval(() => undefined, 1000);
