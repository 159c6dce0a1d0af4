/** A text as SQL writes it. DuckDB knows no escapes within quotes but the doubled quote (DuckDB, "Literal Types"). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of a table or column as SQL writes it, whatever is in it (DuckDB, "Keywords and Identifiers"). */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
