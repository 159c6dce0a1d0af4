import iconv from 'iconv-lite';
import type { Writing } from '../../../shared/domain/source-file.ts';
import { textOfUtf8 } from './text-decoder.ts';

/** A text has a character that the encoding has not. */
export class NotInEncoding extends Error {}

/** Texts as the bytes of a file. */
export interface Encoder {
  readonly mark: Buffer;
  /** Throws `NotInEncoding`. */
  text(text: string): Buffer;
  /**
   * Bytes of a UTF-8 source as they are; what is kept of other sources is their text in UTF-8. What could not be decoded is nothing
   * that could be when it is read again. Throws `NotInEncoding`.
   */
  original(bytes: Buffer): Buffer;
}

/** iconv-lite's name of an encoding where it is not WHATWG's. */
const NAMES: Readonly<Record<string, string>> = { 'x-mac-cyrillic': 'maccyrillic' };

// ASCII is the same in all of them but UTF-16.
const ASCII = /^[\x00-\x7f]*$/;

export function encoderOf({ encoding, mark }: Writing): Encoder {
  if (encoding === 'utf-8') {
    return {
      mark: mark ? Buffer.from('\ufeff') : Buffer.alloc(0),
      text: (text) => Buffer.from(text),
      original: (bytes) => bytes,
    };
  }
  const name = NAMES[encoding] ?? encoding;
  const isWide = encoding.startsWith('utf-16');
  const text = (given: string): Buffer => {
    const bytes = iconv.encode(given, name, { addBOM: false });
    if ((isWide || !ASCII.test(given)) && iconv.decode(bytes, name, { stripBOM: false }) !== given)
      throw new NotInEncoding(encoding);
    return bytes;
  };
  return {
    mark: mark ? iconv.encode('\ufeff', name, { addBOM: false }) : Buffer.alloc(0),
    text,
    original: (bytes) => text(textOfUtf8(bytes)),
  };
}
