import iconv from 'iconv-lite';
import type { Encoding } from '../../../shared/domain/source-file.ts';

/**
 * Bytes become text piece by piece. What can't be decoded becomes a lone surrogate, which no decoded text has otherwise, and a
 * U+FFFD is one that the file itself has.
 */
export interface PieceDecoder {
  decode(bytes: Uint8Array): string;
  /** What is left when there is nothing more to come. */
  end(): string;
}

/** A lone surrogate. One of the first half: no text begins with one of the second, so that it stays alone whatever comes after it. */
const UNDECODABLE = '\ud800';
/** A byte that UTF-8 never has (RFC 3629, 1). */
const NO_UTF8 = Buffer.of(0xff);

/** U+FFFD in the encodings that have it; in all others it only stands for what they can't decode. */
const OWN_REPLACEMENT: Partial<Record<Encoding, Buffer>> = {
  'utf-8': Buffer.of(0xef, 0xbf, 0xbd),
  'utf-16le': Buffer.of(0xfd, 0xff),
  'utf-16be': Buffer.of(0xff, 0xfd),
  gb18030: Buffer.of(0x84, 0x31, 0xa4, 0x37),
};

/** The platform's decoder, or iconv-lite's for encodings of DOS, which WHATWG leaves out. Byte-order marks are left alone. */
export function decoderOf(encoding: Encoding): PieceDecoder {
  if (encoding === 'cp437' || encoding === 'cp850') {
    const decoder = iconv.getDecoder(encoding);
    return { decode: (bytes) => decoder.write(Buffer.from(bytes)), end: () => decoder.end() ?? '' };
  }
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const next = (bytes: Uint8Array) => decoder.decode(bytes, { stream: true });
  const own = OWN_REPLACEMENT[encoding];
  return {
    decode: own ? keepingOwn(next, own) : (bytes) => marked(next(bytes)),
    end: () => marked(decoder.decode()),
  };
}

function marked(text: string): string {
  return text.replaceAll('\ufffd', UNDECODABLE);
}

/**
 * Looks for the bytes of U+FFFD and decodes up to their last one: if that one makes a U+FFFD, it is the file's own, and if not,
 * they were parts of other characters. All others stand for what can't be decoded.
 */
function keepingOwn(next: PieceDecoder['decode'], own: Buffer): PieceDecoder['decode'] {
  // What could be the beginning of one that the next piece completes; it is decoded already.
  let before: Buffer = Buffer.alloc(0);
  return (piece) => {
    const bytes = Buffer.concat([before, piece]);
    let from = before.length;
    let text = '';
    for (let at = bytes.indexOf(own); at >= 0; at = bytes.indexOf(own, at + 1)) {
      const last = at + own.length - 1;
      text += marked(next(bytes.subarray(from, last)));
      const made = next(bytes.subarray(last, last + 1));
      text += made.endsWith('\ufffd') ? `${marked(made.slice(0, -1))}\ufffd` : marked(made);
      from = last + 1;
    }
    before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - own.length + 1)));
    return text + marked(next(bytes.subarray(from)));
  };
}

/** Decoded text as UTF-8, with a byte that UTF-8 never has for each lone surrogate. */
export function utf8Of(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(/\p{Cs}/u).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [NO_UTF8, part])));
}

/** UTF-8 as decoded text, with a lone surrogate for what is none. */
export function textOfUtf8(bytes: Buffer): string {
  const decoder = decoderOf('utf-8');
  return decoder.decode(bytes) + decoder.end();
}
