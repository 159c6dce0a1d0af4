import { describe, expect, test } from 'vitest';
import { Encoding } from '../../../shared/domain/source-file.ts';
import { decoderOf } from './text-decoder.ts';
import { encoderOf, NotInEncoding } from './text-encoder.ts';

/** A letter that the encoding has beyond ASCII. */
function letterOf(encoding: Encoding): string {
  const decoder = decoderOf(encoding);
  for (let code = 0xa1; code < 0xffff; code++) {
    const letter = String.fromCodePoint(code);
    if (!/\p{L}/u.test(letter)) continue;
    try {
      if (decoder.decode(encoderOf({ encoding, mark: false }).text(letter)) === letter) return letter;
    } catch (error) {
      if (!(error instanceof NotInEncoding)) throw error;
    }
  }
  throw new Error(`${encoding} has no letter`);
}

describe('what is written in an encoding is read as it was', () => {
  test.each(Encoding.options)('%s', (encoding) => {
    const text = `Name;${letterOf(encoding)}x"\n`;
    const encoder = encoderOf({ encoding, mark: encoding.startsWith('utf-') });
    const decoded = new TextDecoder(encoding.startsWith('cp') ? 'utf-8' : encoding);
    const bytes = Buffer.concat([encoder.mark, encoder.text(text)]);
    if (encoding.startsWith('cp')) expect(decoderOf(encoding).decode(bytes)).toBe(text);
    else expect(decoded.decode(bytes)).toBe(text);
  });
});

test.each(Encoding.options.filter((encoding) => !/^utf|gb18030/.test(encoding)))(
  '%s: what it does not have is refused, never replaced',
  (encoding) => {
    expect(() => encoderOf({ encoding, mark: false }).text('🚒')).toThrow(NotInEncoding);
  },
);
