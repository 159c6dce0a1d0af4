import { z } from 'zod';
import { Digest, SourceId, SourceRowNumber } from './ids.ts';

export const Delimiter = z.enum([',', ';', '\t', '|', '^', '`']);
export type Delimiter = z.infer<typeof Delimiter>;

/** WHATWG labels that the platform's TextDecoder knows; the ones offered in the encoding menu. */
export const Encoding = z.enum([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'iso-8859-2',
  'iso-8859-15',
  'macintosh',
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
});
export type Dialect = z.infer<typeof Dialect>;

/** What she may overrule; everything else follows from the bytes. */
export const DialectChoice = Dialect.pick({ encoding: true, delimiter: true }).partial();
export type DialectChoice = z.infer<typeof DialectChoice>;

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
]);
export type SourceNotice = z.infer<typeof SourceNotice>;

/** A record that could not be read as the header promises. It stays home with its original text. */
export const RowProblemCode = z.enum([
  'UNREADABLE_CHARACTER',
  'NUL_CHARACTER',
  'TEXT_AFTER_QUOTE',
  'TOO_FEW_CELLS',
  'TOO_MANY_CELLS',
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
  cells: z.array(z.string()),
  problem: RowProblemCode.nullable(),
});
export type PreviewRow = z.infer<typeof PreviewRow>;

export const SourceState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('staging'), rows: z.number(), bytesRead: z.number(), startedAt: z.number() }),
  z.object({
    kind: z.literal('staged'),
    rows: z.number(),
    problemRows: z.number(),
    digest: Digest,
    milliseconds: z.number(),
  }),
  z.object({ kind: z.literal('refused'), failure: z.lazy(() => Refusal) }),
]);
export type SourceState = z.infer<typeof SourceState>;

/** A staging that ended early, as a failure code with its facts (see contract/failure.ts). */
const Refusal = z.looseObject({ code: z.string() });

export const SourceSummary = z.object({
  sourceId: SourceId,
  fileName: z.string(),
  byteLength: z.number(),
  dialect: Dialect,
  columns: z.array(SourceColumn),
  notices: z.array(SourceNotice),
  /** The first rows, read before staging begins, so that she sees her data within a second at any size. */
  preview: z.array(PreviewRow),
  state: SourceState,
});
export type SourceSummary = z.infer<typeof SourceSummary>;

export const ColumnProfile = z.object({
  column: z.number(),
  blank: z.number(),
  distinct: z.number(),
  longest: z.number(),
  examples: z.array(z.string()),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;
