import chardet from 'chardet';
import { Encoding, type SourceNotice } from '../../../shared/domain/source-file.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { BINARY, isBinary, markupIn, signatureOf, type OtherFormat } from './other-formats.ts';
import { decoderOf } from '../staging/text-decoder.ts';

/** Enough to judge a file by, little enough to read at once. */
export const SAMPLE_BYTES = 256 * 1024;

export interface SniffedText {
  readonly encoding: Encoding;
  /** Bytes of byte-order mark before the text. */
  readonly bomLength: number;
  /** The sample decoded, without byte-order mark; with a lone surrogate for what can't be decoded. */
  readonly text: string;
  readonly notices: SourceNotice[];
}

function bomOf(sample: Uint8Array): { encoding: Encoding; length: number } | null {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (sample[0] === 0xff && sample[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (sample[0] === 0xfe && sample[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/** UTF-16 without a mark: every other byte of mostly-Latin text is zero. */
function utf16WithoutBom(sample: Uint8Array): Encoding | null {
  let even = 0;
  let odd = 0;
  const length = Math.min(sample.length, 4096);
  for (let i = 0; i < length; i++) if (sample[i] === 0) i % 2 === 0 ? even++ : odd++;
  if (odd > length * 0.3 && even < length * 0.05) return 'utf-16le';
  if (even > length * 0.3 && odd < length * 0.05) return 'utf-16be';
  return null;
}

/** Sequences that are good UTF-8 beyond ASCII, and bytes that are not; a cut last character counts as neither. */
function countUtf8(sample: Uint8Array): { good: number; bad: number } {
  let good = 0;
  let bad = 0;
  for (let i = 0; i < sample.length;) {
    const byte = sample[i] ?? 0;
    if (byte < 0x80) {
      i++;
      continue;
    }
    const length = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 0;
    if (length > 0 && i + length > sample.length) break;
    let whole = length > 0;
    for (let k = 1; k < length; k++) if (((sample[i + k] ?? 0) & 0xc0) !== 0x80) whole = false;
    if (whole) good++;
    else bad++;
    i += whole ? length : 1;
  }
  return { good, bad };
}

/** Standards that WHATWG decoders read as the Windows encoding that contains them (encoding.spec.whatwg.org). */
const SUPERSETS: Readonly<Record<string, Encoding>> = {
  'iso-8859-1': 'windows-1252',
  'iso-8859-9': 'windows-1254',
  'iso-8859-11': 'windows-874',
};

/**
 * East Asian text is full of bytes beyond ASCII. With fewer than this the detector takes a lone "ß" for half a Kanji, and
 * a Western file with one accent is by far the likelier thing.
 */
const ENOUGH_FOR_MULTIBYTE = 20;
const MULTIBYTE = new Set<Encoding>(['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr']);

/** The letters that most texts of Western Europe are full of. */
const COMMON = /[äöüßéèêàâçîôûáíóúñãõåæø]/;

/** Windows-1252 leaves these out (encoding.spec.whatwg.org, index windows-1252: they are controls); in DOS the first is ü. */
const NOT_IN_WINDOWS = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/**
 * Old Macs and DOS have their letters where Windows has its quotes and dashes (0x80–0x9F), and the other way round. Between
 * two Latin letters stands a letter: if that is so for most bytes read as one of theirs and for few as Windows-1252, it is
 * one of theirs. Null for Windows.
 */
function olderThanWindows(sample: Uint8Array): Encoding | null {
  const [mac, dos, windows] = (['macintosh', 'cp850', 'windows-1252'] as const).map((encoding) => {
    const decoder = decoderOf(encoding);
    return Array.from({ length: 256 }, (_all, byte) => decoder.decode(Uint8Array.of(byte)));
  }) as [string[], string[], string[]];
  const seen = { mac: 0, windows: 0, neither: 0, commonToMac: 0, commonToDos: 0 };
  for (let at = 1; at + 1 < sample.length; at++) {
    const byte = sample[at] ?? 0;
    // Windows' apostrophe stands between letters too, and is a Mac's “í”.
    if (byte < 0x80 || byte === 0x92 || !isLatinLetter(sample[at - 1]) || !isLatinLetter(sample[at + 1])) continue;
    seen.mac += Number(/\p{Ll}/u.test(mac[byte] ?? ''));
    seen.windows += Number(/\p{Ll}/u.test(windows[byte] ?? ''));
    seen.neither += Number(NOT_IN_WINDOWS.has(byte));
    seen.commonToMac += Number(COMMON.test(mac[byte] ?? ''));
    seen.commonToDos += Number(COMMON.test(dos[byte] ?? ''));
  }
  // One byte that Windows has no letter for weighs more than the letters that both have (ß is Windows' á).
  const isDos = seen.commonToDos > seen.windows * 2 || (seen.neither > 0 && seen.commonToDos > seen.windows);
  if (isDos && seen.commonToDos > seen.commonToMac) return 'cp850';
  return seen.mac > seen.windows * 2 ? 'macintosh' : null;
}

function isLatinLetter(byte: number | undefined): boolean {
  const lower = (byte ?? 0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function detectEncoding(sample: Uint8Array): Encoding {
  const { good, bad } = countUtf8(sample);
  // A stray byte in a UTF-8 file is a row's problem (F07), not a reason to misread every other accent.
  if (bad === 0 || good > bad * 3) return 'utf-8';
  const beyondAscii = sample.reduce((count, byte) => count + Number(byte >= 0x80), 0);
  for (const match of chardet.analyse(sample)) {
    const name = match.name.toLowerCase();
    const label = SUPERSETS[name] ?? name;
    const known = Encoding.safeParse(label);
    if (!known.success || known.data === 'utf-8' || known.data.startsWith('utf-16')) continue;
    if (MULTIBYTE.has(known.data)) {
      if (beyondAscii < ENOUGH_FOR_MULTIBYTE) continue;
      return known.data;
    }
    return olderThanWindows(sample) ?? known.data;
  }
  return olderThanWindows(sample) ?? 'windows-1252';
}

function refuse(failure: Failure): never {
  throw new FailureError(failure);
}

/** Finds the encoding of a file by the first bytes of its text. Throws `FILE_EMPTY` and `FILE_NOT_TEXT`. */
export function sniffEncoding(sample: Uint8Array, fileName: string, chosen: Encoding | undefined): SniffedText {
  if (sample.length === 0) refuse({ code: 'FILE_EMPTY', fileName });
  const refuseAs = ({ looksLike, advice }: OtherFormat): never =>
    refuse({ code: 'FILE_NOT_TEXT', fileName, looksLike, advice });
  const signature = signatureOf(sample);
  if (signature) refuseAs(signature);

  const notices: SourceNotice[] = [];
  const bom = bomOf(sample);
  const unmarked = bom === null ? utf16WithoutBom(sample) : null;
  const detected = bom?.encoding ?? unmarked ?? detectEncoding(sample);
  const encoding = chosen ?? detected;
  if (!encoding.startsWith('utf-16') && isBinary(sample)) refuseAs(BINARY);
  const bomLength = bom && (bom.encoding === encoding || chosen === undefined) ? bom.length : 0;
  const text = decoderOf(encoding).decode(sample.subarray(bomLength));

  const markup = markupIn(text);
  if (markup) refuseAs(markup);

  if (encoding.startsWith('utf-16')) notices.push({ code: 'READ_AS_UTF16' });
  else if (bomLength > 0) notices.push({ code: 'BOM_REMOVED' });
  if (encoding !== 'utf-8' && !encoding.startsWith('utf-16')) {
    notices.push({ code: 'NOT_UTF8', readAs: encoding, example: exampleOf(text) });
  }
  return { encoding, bomLength, text, notices };
}

/** A word with an accent in it and its row, so that one can see whether the encoding was guessed well (F06); 0 is the header. */
function exampleOf(text: string): { value: string; row: number } | null {
  const accented = /[^\s,;|\t"]*[\u0080-\uffff][^\s,;|\t"]*/g;
  const headerEnd = Math.max(0, text.search(/[\r\n]/));
  const words = [...text.matchAll(accented)];
  // A name among the records is easier to judge than a heading.
  const word = words.find(({ index }) => index > headerEnd) ?? words[0];
  if (!word) return null;
  return { value: word[0].slice(0, 40).toWellFormed(), row: text.slice(0, word.index).split(/\r\n|\n|\r/).length - 1 };
}
