import { z } from 'zod';
import { Delimiter, Writing } from './source-file.ts';

/** REST queries, 2,000 records a call; or one query job of Bulk API 2.0. */
export const ExportWay = z.enum(['rest', 'bulk']);
export type ExportWay = z.infer<typeof ExportWay>;

export const ExportFormat = z.enum(['csv', 'xlsx', 'jsonl', 'parquet']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** How an exported file is written; CSV with commas, in UTF-8 without a mark, unless it is said. */
export const ExportForm = z.discriminatedUnion('format', [
  z.object({ format: z.literal('csv'), delimiter: Delimiter.optional(), writing: Writing.optional() }),
  z.object({ format: z.enum(['xlsx', 'jsonl', 'parquet']) }),
]);
export type ExportForm = z.infer<typeof ExportForm>;

/** What reading the records of a query takes, in API calls and seconds; both are estimates. */
export const ExportForecast = z.object({
  /** Null where the org can't say, or where a count says nothing of the rows. */
  records: z.number().nullable(),
  /** The ways that can read this query, the cheapest first; none where neither can. */
  ways: z.array(z.object({ way: ExportWay, calls: z.number().nullable(), seconds: z.number().nullable() })),
});
export type ExportForecast = z.infer<typeof ExportForecast>;

/** Rows of a sheet with its header (Microsoft, "Excel specifications and limits"). */
export const SHEET_ROWS = 1_048_576;
/** Characters of a cell (the same). */
export const SHEET_CELL = 32_767;
