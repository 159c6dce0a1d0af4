/** Columns of a file beyond which a database is stored for width. */
const MANY_COLUMNS = 100;
const VERY_MANY_COLUMNS = 400;
/** Of a database that no file's rows lie in: each table takes a block at least. */
const SMALLEST_BLOCK = 16_384;

/**
 * Rows that are stored and compressed together. A quarter of DuckDB's own number: a page of a sorted view reads a hundred
 * of these groups at most, and left-over rows of a slice wait less (staging/slice-writer.ts). Rows wait in memory until their group is
 * full: of hundreds of columns fewer are as much.
 */
function rowGroupRows(columns: number): number {
  if (columns <= MANY_COLUMNS) return 30_720;
  return columns <= VERY_MANY_COLUMNS ? 8192 : 4096;
}

/**
 * Bytes of a block, of which each thread holds one for every column that it reads and every one that it writes: with DuckDB's own 256 KB
 * a plan of 300 columns takes 450 MB before it has a row. A page of rows that lie anywhere reads a block for each cell: from blocks of a
 * quarter the size it comes in a third of the time, and a file is a fifth larger.
 */
function blockBytes(columns: number): number {
  if (columns === 0) return SMALLEST_BLOCK;
  if (columns <= MANY_COLUMNS) return 65_536;
  return columns <= VERY_MANY_COLUMNS ? 32_768 : SMALLEST_BLOCK;
}

/** How the database of a file of so many columns is attached. Its blocks are for good: only one that is made now is told of them. */
export function storageOptions(columns: number, fresh: boolean): string {
  const rows = `ROW_GROUP_SIZE ${rowGroupRows(columns)}`;
  return fresh ? `${rows}, BLOCK_SIZE ${blockBytes(columns)}` : rows;
}
