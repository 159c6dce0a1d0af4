import iconv from 'iconv-lite';
import type { Encoding } from '../../../shared/domain/source-file.ts';

/** Bytes become text piece by piece; what can't be decoded becomes U+FFFD. */
export interface PieceDecoder {
  decode(bytes: Uint8Array): string;
  /** What is left when there is nothing more to come. */
  end(): string;
}

/** The platform's decoder, or iconv-lite's for encodings of DOS, which WHATWG leaves out. Byte-order marks are left alone. */
export function decoderOf(encoding: Encoding): PieceDecoder {
  if (encoding === 'cp437' || encoding === 'cp850') {
    const decoder = iconv.getDecoder(encoding);
    return { decode: (bytes) => decoder.write(Buffer.from(bytes)), end: () => decoder.end() ?? '' };
  }
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return { decode: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}
