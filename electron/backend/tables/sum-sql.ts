/**
 * The sum of whole numbers, as SQL. A chain of `+` is a tree as deep as it has terms, and DuckDB takes the square of that to plan it: 8 s
 * for 300 of them, and 0.1 s for a list.
 */
export function sumSql(terms: readonly string[]): string {
  return terms.length === 0 ? '0' : `list_sum([${terms.join(', ')}])::BIGINT`;
}
