import { ApiError } from '../http/api-error.ts';

/** Where in the query something is wrong: offset into the text as sent. */
function located(soql: string, offset: number, message: string): string {
  const before = soql.slice(0, offset);
  const row = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = soql.indexOf('\n', offset);
  const line = soql.slice(lineStart, lineEnd < 0 ? soql.length : lineEnd);
  const column = offset - lineStart;
  // Salesforce shows the neighbourhood only.
  const from = Math.max(0, column - 40);
  const excerpt = line.slice(from, column + 40);
  return `\n${excerpt}\n${' '.repeat(column - from)}^\nERROR at Row:${row}:Column:${column + 1}\n${message}`;
}

export function soqlError(errorCode: string, message: string, at?: { soql: string; offset: number }): ApiError {
  return new ApiError(400, errorCode, at ? located(at.soql, at.offset, message) : message);
}

/** Offset of a name in the query, outside quoted texts; null if it is not there as such. */
export function offsetOf(soql: string, name: string): number | null {
  const wanted = name.toLowerCase();
  const pattern = /'(?:[^'\\]|\\.)*'|[\w.]+/g;
  for (let match = pattern.exec(soql); match; match = pattern.exec(soql)) {
    const text = match[0].toLowerCase();
    if (text === wanted || text.endsWith(`.${wanted}`)) return match.index + text.length - wanted.length;
  }
  return null;
}
