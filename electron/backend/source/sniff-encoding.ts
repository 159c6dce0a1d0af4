import chardet from 'chardet';
import { Encoding, type SourceNotice } from '../../../shared/domain/source-file.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { decoderOf } from '../staging/text-decoder.ts';

/** Enough to judge a file by, little enough to read at once. */
export const SAMPLE_BYTES = 256 * 1024;

const UTF_32 = { looksLike: 'text in UTF-32', advice: 'Save it as UTF-8.' };
const BINARY = { looksLike: 'binary data', advice: 'Export the data as CSV.' };
/** Often a sign-in page that was saved instead of the file, or a report “exported to Excel” that is HTML inside. */
const PAGE = {
  looksLike: 'a web page',
  advice: 'Open it in a browser to see what it is. If it comes from a spreadsheet, save it as .xlsx or CSV.',
};

const SIGNATURES: { bytes: number[]; looksLike: string; advice: string }[] = [
  { bytes: [0x89, 0x50, 0x4e, 0x47], looksLike: 'a PNG image', advice: 'Export the data as CSV.' },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    looksLike: 'a ZIP archive or an XLSX workbook inside another archive',
    advice: 'Unpack it first.',
  },
  { bytes: [0x25, 0x50, 0x44, 0x46], looksLike: 'a PDF document', advice: 'Export the data as CSV.' },
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    looksLike: 'an .xls workbook or an encrypted workbook',
    advice: 'Save it as .xlsx without a password, or as CSV (UTF-8).',
  },
  { bytes: [0x1f, 0x8b], looksLike: 'a gzip archive inside another archive', advice: 'Unpack it first.' },
  { bytes: [0xff, 0xd8, 0xff], looksLike: 'a JPEG image', advice: 'Export the data as CSV.' },
  { bytes: [0x47, 0x49, 0x46, 0x38], looksLike: 'a GIF image', advice: 'Export the data as CSV.' },
  // Apache Parquet, file format: the magic number.
  { bytes: [0x50, 0x41, 0x52, 0x31], looksLike: 'a Parquet file', advice: 'Export the data as CSV or JSON.' },
  ...[
    [0xff, 0xfe, 0x00, 0x00],
    [0x00, 0x00, 0xfe, 0xff],
  ].map((bytes) => ({ bytes, ...UTF_32 })),
];

/** UTF-32 without a mark: three bytes in four are zero. */
function isUnmarkedUtf32(sample: Uint8Array): boolean {
  const length = Math.min(sample.length, 4096);
  const nuls = sample.subarray(0, length).reduce((count, byte) => count + Number(byte === 0), 0);
  return length >= 8 && nuls > length * 0.6;
}

/** NUL is legal in a cell by mistake (F08) but not all over: more than one byte in a hundred is not text. */
const NUL_SHARE = 0.01;

/** Texts have one or two kinds of control characters by mistake; random bytes soon have all. */
const CONTROL_KINDS = 8;

function isBinary(sample: Uint8Array): boolean {
  // Tab, line feed, form feed, carriage return, end of file (Ctrl+Z) and escape occur in texts; NUL is judged by its share.
  const known = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b]);
  const kinds = new Set<number>();
  let nuls = 0;
  for (const byte of sample) {
    if (byte === 0) nuls++;
    else if (byte < 0x20 && !known.has(byte)) kinds.add(byte);
  }
  return (nuls > 2 && nuls > sample.length * NUL_SHARE) || kinds.size > CONTROL_KINDS;
}

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
  const seen = { mac: 0, windows: 0, commonToMac: 0, commonToDos: 0 };
  for (let at = 1; at + 1 < sample.length; at++) {
    const byte = sample[at] ?? 0;
    // Windows' apostrophe stands between letters too, and is a Mac's “í”.
    if (byte < 0x80 || byte === 0x92 || !isLatinLetter(sample[at - 1]) || !isLatinLetter(sample[at + 1])) continue;
    seen.mac += Number(/\p{Ll}/u.test(mac[byte] ?? ''));
    seen.windows += Number(/\p{Ll}/u.test(windows[byte] ?? ''));
    seen.commonToMac += Number(COMMON.test(mac[byte] ?? ''));
    seen.commonToDos += Number(COMMON.test(dos[byte] ?? ''));
  }
  if (seen.commonToDos > seen.windows * 2 && seen.commonToDos > seen.commonToMac) return 'cp850';
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
  const refuseAs = ({ looksLike, advice }: typeof BINARY): never =>
    refuse({ code: 'FILE_NOT_TEXT', fileName, looksLike, advice });
  const signature = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => sample[index] === byte));
  if (signature) refuseAs(signature);
  if (isUnmarkedUtf32(sample)) refuseAs(UTF_32);

  const notices: SourceNotice[] = [];
  const bom = bomOf(sample);
  const unmarked = bom === null ? utf16WithoutBom(sample) : null;
  const detected = bom?.encoding ?? unmarked ?? detectEncoding(sample);
  const encoding = chosen ?? detected;
  if (!encoding.startsWith('utf-16') && isBinary(sample)) refuseAs(BINARY);
  const bomLength = bom && (bom.encoding === encoding || chosen === undefined) ? bom.length : 0;
  const text = decoderOf(encoding).decode(sample.subarray(bomLength));

  if (/^\s*(?:<!doctype html|<html|<table)[\s>]/i.test(text)) refuseAs(PAGE);

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
