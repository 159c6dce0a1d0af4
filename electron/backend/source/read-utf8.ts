import { createHash } from 'node:crypto';
import type { Encoding } from '../../../shared/domain/source-file.ts';
import { decoderOf, utf8Of } from '../staging/text-decoder.ts';
import type { ContentPiece } from './zip-entry.ts';

export interface Utf8Piece {
  readonly bytes: Buffer;
  /** Bytes of the file read so far; of a packed file, packed ones. */
  readonly fileBytes: number;
  readonly last: boolean;
}

/**
 * A file's text as UTF-8, piece by piece, without its byte-order mark. Text that is UTF-8 already is passed on byte for
 * byte, the undecodable ones too; what can't be decoded in other encodings becomes a byte that UTF-8 never has. `hash` is fed every
 * byte as it was.
 */
export async function* readUtf8(
  content: AsyncIterable<ContentPiece>,
  encoding: Encoding,
  bomLength: number,
  hash = createHash('sha256'),
): AsyncGenerator<Utf8Piece> {
  const decoder = encoding === 'utf-8' ? null : decoderOf(encoding);
  let fileBytes = 0;
  let skip = bomLength;
  for await (const piece of content) {
    hash.update(piece.bytes);
    ({ fileBytes } = piece);
    const skipped = Math.min(skip, piece.bytes.length);
    skip -= skipped;
    const bytes = piece.bytes.subarray(skipped);
    yield { bytes: decoder ? utf8Of(decoder.decode(bytes)) : bytes, fileBytes, last: false };
  }
  yield { bytes: decoder ? utf8Of(decoder.end()) : Buffer.alloc(0), fileBytes, last: true };
}
