import { createHash } from 'node:crypto';
import { Digest } from '../../shared/domain/ids.ts';

/** SHA-256 over a value as JSON: the same for values that are written the same. */
export function digestOf(value: unknown): Digest {
  return Digest.parse(createHash('sha256').update(JSON.stringify(value)).digest('hex'));
}
