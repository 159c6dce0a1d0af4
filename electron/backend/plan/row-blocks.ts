/** Rows counted at a time to find where a page begins. */
export const BLOCK = 16_384;

/** How many rows of a view, or of a part of it, lie in a block of the file's rows. */
export interface BlockRows {
  readonly block: number;
  readonly rows: number;
}

/** The statement that counts rows, `row_number` of a relation, by their blocks. */
export function countBlocksSql(relation: string): string {
  return `SELECT row_number // ${BLOCK} AS block, count(*) AS n FROM ${relation} GROUP BY 1 ORDER BY 1`;
}

export function blocksOf(counted: readonly Readonly<Record<string, unknown>>[]): BlockRows[] {
  return counted.map((row) => ({ block: Number(row['block']), rows: Number(row['n']) }));
}

/** The numbers between which the rows of a page lie, and how many of the view's rows come before the first of these; null past the end. */
export function spanOf(
  blocks: readonly BlockRows[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): { readonly first: number; readonly last: number; readonly before: number } | null {
  let seen = 0;
  let before = 0;
  const within: number[] = [];
  for (const { block, rows } of blocks) {
    if (seen + rows <= offset) before += rows;
    else if (seen < offset + limit) within.push(block);
    seen += rows;
  }
  if (within.length === 0) return null;
  return { first: Math.min(...within) * BLOCK, last: (Math.max(...within) + 1) * BLOCK - 1, before };
}
