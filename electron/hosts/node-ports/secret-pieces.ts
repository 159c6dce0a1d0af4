import { z } from 'zod';
import type { RandomSource, SecretVault } from '../../backend/ports.ts';

/**
 * Characters of one entry. Windows' Credential Manager takes 2,560 bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE, wincred.h), which are
 * 1,280 characters in UTF-16; a session with a JWT as its access token is longer.
 */
const PIECE = 1200;

/** What stands in the place of a long secret. No session begins like this. */
const MARK = 'longshore-pieces:';
const Pieces = z.object({ id: z.string().min(1), count: z.number().int().positive().max(1000) });
type Pieces = z.infer<typeof Pieces>;

/**
 * Secrets of any length in a keychain with short entries. The entry of its own name says where the pieces are and is written
 * after them: a process that is killed meanwhile leaves the old secret whole.
 */
export function inPieces(entries: SecretVault, random: RandomSource): SecretVault {
  const nameOf = (name: string, { id }: Pieces, index: number): string => `${name}.${id}.${index}`;
  const eachPiece = (name: string, pieces: Pieces): string[] =>
    Array.from({ length: pieces.count }, (_, index) => nameOf(name, pieces, index));

  /** What is left of a secret that is no more is of no use to anybody: it matters little if it can't be removed. */
  async function drop(name: string, pieces: Pieces | null): Promise<void> {
    if (pieces === null) return;
    await Promise.allSettled(eachPiece(name, pieces).map((piece) => entries.delete(piece)));
  }

  return {
    get: async (name) => {
      const value = await entries.get(name);
      const pieces = piecesIn(value);
      if (pieces === null) return value;
      const read = await Promise.all(eachPiece(name, pieces).map((piece) => entries.get(piece)));
      // One that is gone makes a secret that can't be read, which is told from none.
      return read.map((piece) => piece ?? '').join('');
    },
    set: async (name, value) => {
      const before = piecesIn(await entries.get(name).catch(() => null));
      if (value.length <= PIECE) {
        await entries.set(name, value);
      } else {
        const pieces = { id: random.token(8), count: Math.ceil(value.length / PIECE) };
        for (const [index, piece] of eachPiece(name, pieces).entries())
          await entries.set(piece, value.slice(index * PIECE, (index + 1) * PIECE));
        await entries.set(name, MARK + JSON.stringify(pieces));
      }
      await drop(name, before);
    },
    delete: async (name) => {
      const before = piecesIn(await entries.get(name).catch(() => null));
      await entries.delete(name);
      await drop(name, before);
    },
  };
}

function piecesIn(value: string | null): Pieces | null {
  if (!value?.startsWith(MARK)) return null;
  try {
    return Pieces.safeParse(JSON.parse(value.slice(MARK.length))).data ?? null;
  } catch {
    return null;
  }
}
