import { z } from 'zod';
import { CleaningStep } from './cleaning.ts';
import { Digest, SourceId, SourceRowNumber } from './ids.ts';

export const Delimiter = z.enum([',', ';', '\t', '|', '^', '`']);
export type Delimiter = z.infer<typeof Delimiter>;

/** The ones offered in the encoding menu: WHATWG labels that the platform's TextDecoder knows, and two of DOS. */
export const Encoding = z.enum([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'windows-874',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'macintosh',
  'x-mac-cyrillic',
  'cp437',
  'cp850',
  'koi8-r',
  'koi8-u',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
]);
export type Encoding = z.infer<typeof Encoding>;

export const LineEnding = z.enum(['LF', 'CRLF', 'CR', 'mixed']);
export type LineEnding = z.infer<typeof LineEnding>;

/** How the text is packed in its file. */
export const Packing = z.enum(['none', 'gzip', 'zip']);
export type Packing = z.infer<typeof Packing>;

export const Dialect = z.object({
  encoding: Encoding,
  delimiter: Delimiter,
  lineEnding: LineEnding,
  /** Bytes of byte-order mark before the text. */
  bomLength: z.number().int().min(0).max(3),
  packing: Packing.default('none'),
  /** True if the file begins with Excel's `sep=;` line, which is a setting and not a header. */
  sepLine: z.boolean(),
  /** Lines before the header that are not read: a title, a comment. Not counting the `sep=` line. */
  linesAbove: z.number().int().nonnegative().default(0),
  /** True if the first record is data: its columns are then named by their places. */
  headerless: z.boolean().default(false),
});
export type Dialect = z.infer<typeof Dialect>;

/** A sheet of a workbook, in the workbook's order. */
export const Sheet = z.object({ name: z.string(), hidden: z.boolean() });
export type Sheet = z.infer<typeof Sheet>;

/** How one file is read: what was found in it, or what was chosen. */
export const SourceFormat = z.discriminatedUnion('kind', [
  Dialect.extend({ kind: z.literal('delimited') }),
  z.object({
    kind: z.literal('workbook'),
    sheets: z.array(Sheet),
    sheet: z.string(),
    /** Row of the sheet, from 1; 0 where there is no header. */
    headerRow: z.number().int().nonnegative(),
    /** Where the header begins, from 0: tables need not begin in column A. */
    firstColumn: z.number().int().nonnegative(),
  }),
  z.object({
    kind: z.literal('json'),
    /** One array of objects, wherever in the document it lies, or an object a line. */
    layout: z.enum(['array', 'lines']),
    encoding: Encoding,
    bomLength: z.number().int().min(0).max(3),
    packing: Packing,
  }),
]);
export type SourceFormat = z.infer<typeof SourceFormat>;

/** What rows of a format are written with: workbooks and JSON become comma-separated. */
export function delimiterOf(format: SourceFormat | undefined): Delimiter {
  return format?.kind === 'delimited' ? format.delimiter : ',';
}

/** What a result file is written in. */
export const Writing = z.object({ encoding: Encoding, mark: z.boolean() });
export type Writing = z.infer<typeof Writing>;

/** UTF-8 with a byte-order mark: what spreadsheets read as UTF-8. */
export const MARKED_UTF8: Writing = { encoding: 'utf-8', mark: true };

/** As the source itself is written; workbooks and JSON are no CSV to go by. */
export function writingOf(format: SourceFormat | undefined): Writing {
  if (format?.kind !== 'delimited') return MARKED_UTF8;
  return { encoding: format.encoding, mark: format.bomLength > 0 || format.encoding.startsWith('utf-16') };
}

/** What may be overruled; everything else follows from the bytes. */
export const SourceChoice = z.object({
  encoding: Encoding.optional(),
  delimiter: Delimiter.optional(),
  sheet: z.string().max(255).optional(),
  /** Row of the sheet, or line of the text, from 1; 0: there is no header. */
  headerRow: z.number().int().min(0).max(1_048_576).optional(),
});
export type SourceChoice = z.infer<typeof SourceChoice>;

/** Something found in the file and dealt with, said in words by `notice-text.ts`. Ids are QUALITY.md's cases. */
export const SourceNotice = z.discriminatedUnion('code', [
  z.object({ code: z.literal('BOM_REMOVED') }),
  z.object({ code: z.literal('UNPACKED'), packing: Packing, inside: z.string().nullable() }),
  z.object({ code: z.literal('READ_AS_UTF16') }),
  z.object({
    code: z.literal('NOT_UTF8'),
    readAs: Encoding,
    example: z.object({ value: z.string(), row: z.number() }).nullable(),
  }),
  z.object({ code: z.literal('DELIMITER_DETECTED'), delimiter: Delimiter }),
  z.object({ code: z.literal('ONE_COLUMN'), suspect: Delimiter }),
  z.object({ code: z.literal('LINE_ENDINGS'), lineEnding: LineEnding }),
  z.object({ code: z.literal('BLANK_LINES_SKIPPED'), count: z.number() }),
  z.object({ code: z.literal('UNNAMED_COLUMN'), column: z.number() }),
  z.object({ code: z.literal('HEADER_TRIMMED'), header: z.string(), readAs: z.string() }),
  z.object({ code: z.literal('DUPLICATE_HEADER'), header: z.string(), columns: z.array(z.number()) }),
  z.object({ code: z.literal('SEP_LINE') }),
  z.object({ code: z.literal('SEVERAL_JOBS'), jobs: z.number() }),
  z.object({ code: z.literal('SHEET_USED'), sheet: z.string(), position: z.number(), sheets: z.number() }),
  z.object({ code: z.literal('SHEET_HIDDEN'), sheet: z.string() }),
  z.object({ code: z.literal('HEADER_ROW'), row: z.number(), above: z.number() }),
  /** The first record is data, as it was chosen. */
  z.object({ code: z.literal('NO_HEADER') }),
  /** A header cell that looks like the values below it: it may be data. */
  z.object({ code: z.literal('HEADER_DOUBTED'), example: z.string() }),
  z.object({ code: z.literal('HEADER_NARROW') }),
  z.object({ code: z.literal('HIDDEN_CELLS'), rows: z.number(), columns: z.array(z.string()) }),
  z.object({ code: z.literal('MERGED_CELLS'), areas: z.number(), example: z.string() }),
  z.object({ code: z.literal('ROUNDED_NUMBERS'), cells: z.number(), row: z.number(), column: z.string() }),
  z.object({ code: z.literal('REPLACEMENT_CHARACTERS'), cells: z.number(), line: z.number() }),
  z.object({ code: z.literal('EXCEL_ERRORS'), cells: z.number(), row: z.number(), column: z.string() }),
  z.object({ code: z.literal('FORMULAS_NOT_CALCULATED'), cells: z.number(), row: z.number(), column: z.string() }),
  /** Columns that are a key with a dot in some records and a value within another in others. */
  z.object({ code: z.literal('DOTTED_AND_NESTED'), columns: z.array(z.string()), count: z.number() }),
  z.object({ code: z.literal('NESTED_FLATTENED'), columns: z.array(z.string()), count: z.number() }),
  z.object({ code: z.literal('FILES_AS_ONE'), files: z.number() }),
  z.object({ code: z.literal('FILE_CHANGED') }),
  /** Something was written to its end while it was read: the rows are those of its first bytes. */
  z.object({ code: z.literal('FILE_GREW'), fileName: z.string(), rows: z.number(), bytes: z.number() }),
  z.object({ code: z.literal('CLEANING_KEPT'), steps: z.number() }),
  z.object({ code: z.literal('EDITS_DROPPED'), cells: z.number() }),
]);
export type SourceNotice = z.infer<typeof SourceNotice>;

/** A record that could not be read as the header promises. It is not sent, and kept with its original text. */
export const RowProblemCode = z.enum([
  'UNREADABLE_CHARACTER',
  'NUL_CHARACTER',
  'TEXT_AFTER_QUOTE',
  'TOO_FEW_CELLS',
  'TOO_MANY_CELLS',
  'NOT_AN_OBJECT',
  'BROKEN_JSON',
  'REPEATED_KEY',
]);
export type RowProblemCode = z.infer<typeof RowProblemCode>;

export const SourceColumn = z.object({
  index: z.number().int().nonnegative(),
  /** As read: trimmed of spaces, NBSP and zero-width characters; empty if the header cell is. */
  name: z.string(),
});
export type SourceColumn = z.infer<typeof SourceColumn>;

export const PreviewRow = z.object({
  row: SourceRowNumber,
  line: z.number().int().positive(),
  /** Index of its file, where several are read as one. */
  part: z.number().int().nonnegative(),
  cells: z.array(z.string()),
  /** Columns of which this row's cell was typed. */
  edited: z.array(z.number()),
  problem: RowProblemCode.nullable(),
});
export type PreviewRow = z.infer<typeof PreviewRow>;

export const SourceState = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('staging'),
    rows: z.number(),
    bytesRead: z.number(),
    /** Milliseconds since reading began, when this was so: the rate and the time left follow. No one sets this clock. */
    elapsed: z.number(),
  }),
  z.object({
    kind: z.literal('staged'),
    rows: z.number(),
    problemRows: z.number(),
    /** Exact duplicates that a cleaning step took out; not among `rows`. */
    removedRows: z.number(),
    /** SHA-256 over the bytes of the files, the cleaning and the edits. */
    digest: Digest,
    milliseconds: z.number(),
  }),
  z.object({ kind: z.literal('refused'), failure: z.lazy(() => Refusal) }),
]);
export type SourceState = z.infer<typeof SourceState>;

/** A staging that ended early, as a failure code with its facts (see contract/failure.ts). */
const Refusal = z.looseObject({ code: z.string() });

/** One file of a source; most sources have one. */
export const SourcePart = z.object({
  fileName: z.string(),
  byteLength: z.number(),
  format: SourceFormat,
});
export type SourcePart = z.infer<typeof SourcePart>;

export const SourceSummary = z.object({
  sourceId: SourceId,
  /** Counts the changes: of two summaries the one with more is the later, whichever came first. */
  revision: z.number().int().nonnegative().default(0),
  /** The file's name; of several, the first one's and how many more. */
  fileName: z.string(),
  byteLength: z.number(),
  parts: z.array(SourcePart).min(1),
  /** The file's columns, then those that cleaning made. */
  columns: z.array(SourceColumn),
  /** How many of the columns are the file's own. */
  fileColumns: z.number(),
  notices: z.array(SourceNotice),
  /** The first rows, read before staging begins, so that data are seen within a second at any size. */
  preview: z.array(PreviewRow),
  cleaning: z.array(CleaningStep),
  /** Cells that were typed over. */
  editedCells: z.number(),
  /** True if a file is not on disk any more as it was read (F34). */
  changedOnDisk: z.boolean(),
  state: SourceState,
});
export type SourceSummary = z.infer<typeof SourceSummary>;

/** How rows are picked and put in order for a page. Texts are compared as text, without regard to case. */
export const RowView = z.object({
  sort: z.object({ column: z.number().int().nonnegative(), descending: z.boolean() }).nullable(),
  /** Rows that contain this text in any column. */
  search: z.string().max(200),
  filters: z
    .array(
      z.object({
        column: z.number().int().nonnegative(),
        kind: z.enum(['contains', 'equals', 'blank', 'filled']),
        text: z.string().max(500),
      }),
    )
    .max(20),
  problemsOnly: z.boolean(),
  /** Names when the order was worked out: with the same word, rows keep their places though cells of them changed. */
  asOf: z.string().max(100),
});
export type RowView = z.infer<typeof RowView>;

export const ALL_ROWS: RowView = { sort: null, search: '', filters: [], problemsOnly: false, asOf: '' };

/** What a column's values could be read as, as plain notation; the mapping's own checks go by the field. */
export const ValueKind = z.enum(['whole-number', 'number', 'date', 'date-time', 'yes-no', 'email', 'record-id']);
export type ValueKind = z.infer<typeof ValueKind>;

/** A value with the place where it is met first. */
const PlacedValue = z.object({ value: z.string(), row: z.number(), line: z.number() });

/** What every row of one column says. Blank cells count as blank and as nothing else. */
export const ColumnProfile = z.object({
  column: z.number(),
  rows: z.number(),
  blank: z.number(),
  distinct: z.number(),
  /** True if `distinct` is an estimate (HyperLogLog, within about 5 %). */
  distinctIsEstimate: z.boolean(),
  /** In the order of numbers if every value is one, else of text. */
  min: z.string().nullable(),
  max: z.string().nullable(),
  longest: PlacedValue.nullable(),
  longestLength: z.number(),
  frequent: z.array(z.object({ value: z.string(), rows: z.number() })),
  /** For each kind how many values are of it, and the first that is not. */
  kinds: z.array(z.object({ kind: ValueKind, fits: z.number(), counterExample: PlacedValue.nullable() })),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

/** What a column's header shows of every row of it: blank, of another kind than the rest, and how many are different. */
export const ColumnSketch = z.object({
  column: z.number(),
  /** Rows that could be read; `blank` and `misfits` are among them. */
  rows: z.number(),
  blank: z.number(),
  /** Different values that are not blank. */
  distinct: z.number(),
  /** True if `distinct` is an estimate (HyperLogLog). */
  distinctIsEstimate: z.boolean(),
  /** What nearly all values are; null if there is no such kind. */
  kind: ValueKind.nullable(),
  /** Values that are not of that kind. */
  misfits: z.number(),
});
export type ColumnSketch = z.infer<typeof ColumnSketch>;

/** Columns sketched in one call, so that none holds the engine for long. */
export const MOST_SKETCHED = 20;

/** What the mapping shows of each column: cheap enough to ask for all of them. */
export const ColumnGlance = z.object({ column: z.number(), blank: z.number(), examples: z.array(z.string()) });
export type ColumnGlance = z.infer<typeof ColumnGlance>;
