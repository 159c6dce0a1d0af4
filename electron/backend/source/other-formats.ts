/** What a file is that is no text to be read, and what to do with it. */
export interface OtherFormat {
  readonly looksLike: string;
  readonly advice: string;
}

const bytesOf = (mark: string): number[] => [...Buffer.from(mark, 'latin1')];

const UTF_32 = { looksLike: 'text in UTF-32', advice: 'Save it as UTF-8.' };
export const BINARY: OtherFormat = { looksLike: 'binary data', advice: 'Export the data as CSV.' };
/** Often a sign-in page that was saved instead of the file, or a report “exported to Excel” that is HTML inside. */
const PAGE = {
  looksLike: 'a web page',
  advice: 'Open it in a browser to see what it is. If it comes from a spreadsheet, save it as .xlsx or CSV.',
};

const XML = { looksLike: 'an XML document', advice: 'Export the data as CSV or JSON.' };
const OLD_SHEET = {
  looksLike: 'an Excel 2003 XML spreadsheet',
  advice: 'Open it in Excel, and save it as .xlsx or CSV.',
};

const PAGE_TAGS = 'html|head|body|meta|style|script|table|div|span|iframe|svg';

/** What text that begins with a tag is; null where it doesn't, as the first header may well be `<Name>`. */
export function markupIn(text: string): OtherFormat | null {
  const start = text.replace(/^(?:\s|<!--[^]*?-->)+/, '').slice(0, 2000);
  if (/^<\?mso-application progid="Excel|^<\?xml[^]*?\bprogid="Excel/i.test(start)) return OLD_SHEET;
  if (new RegExp(`^(?:<\\?xml[^>]*>\\s*)?(?:<!doctype html|<(?:${PAGE_TAGS})(?=[\\s>/]))`, 'i').test(start))
    return PAGE;
  return /^<\?xml\s/i.test(start) ? XML : null;
}

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
  { bytes: bytesOf('SQLite format 3\0'), looksLike: 'a database', advice: 'Export its table as CSV.' },
  // Apache Avro and Arrow: the marks of their container files.
  { bytes: bytesOf('Obj\x01'), looksLike: 'an Avro file', advice: 'Export the data as CSV or JSON.' },
  { bytes: bytesOf('ARROW1'), looksLike: 'an Arrow file', advice: 'Export the data as CSV or JSON.' },
  {
    bytes: bytesOf('{\\rtf'),
    looksLike: 'a rich text document',
    advice: 'Open it in a word processor, and save its table as CSV.',
  },
  // Apache Parquet, file format: the magic number.
  { bytes: [0x50, 0x41, 0x52, 0x31], looksLike: 'a Parquet file', advice: 'Export the data as CSV or JSON.' },
  ...[
    [0xff, 0xfe, 0x00, 0x00],
    [0x00, 0x00, 0xfe, 0xff],
  ].map((bytes) => ({ bytes, ...UTF_32 })),
];

/** UTF-32 without a mark: of four bytes the one at the end is a letter's, the others are mostly zero. */
function isUnmarkedUtf32(sample: Uint8Array): boolean {
  const length = Math.min(sample.length, 4096);
  const nuls = [0, 0, 0, 0];
  for (let at = 0; at < length; at++) if (sample[at] === 0) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1;
  const [first = 0, second = 0, third = 0, fourth = 0] = nuls.map((count) => count / (length / 4));
  const isText = (letters: number, ...others: number[]) => letters < 0.2 && others.every((share) => share > 0.8);
  return length >= 8 && (isText(first, second, third, fourth) || isText(fourth, first, second, third));
}

/** NUL is legal in a cell by mistake (F08) but not all over: more than one byte in a hundred is not text. */
const NUL_SHARE = 0.01;

/** Texts have one or two kinds of control characters by mistake; random bytes soon have all, and in a few bytes many. */
const CONTROL_KINDS = 8;
const CONTROL_SHARE = 0.03;

/** Whether bytes are no text in any encoding of single bytes. */
export function isBinary(sample: Uint8Array): boolean {
  // Tab, line feed, form feed, carriage return, end of file (Ctrl+Z) and escape occur in texts; NUL is judged by its share.
  const known = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b]);
  const kinds = new Set<number>();
  let [nuls, controls] = [0, 0];
  for (const byte of sample) {
    if (byte === 0) nuls++;
    else if (byte < 0x20 && !known.has(byte)) {
      kinds.add(byte);
      controls++;
    }
  }
  const isFull = kinds.size > 2 && controls > sample.length * CONTROL_SHARE;
  return (nuls > 2 && nuls > sample.length * NUL_SHARE) || kinds.size > CONTROL_KINDS || isFull;
}

/** What a file is by its first bytes, or by where its zeros are; null for what may be text. */
export function signatureOf(sample: Uint8Array): OtherFormat | null {
  const signature = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => sample[index] === byte));
  return signature ?? (isUnmarkedUtf32(sample) ? UTF_32 : null);
}
