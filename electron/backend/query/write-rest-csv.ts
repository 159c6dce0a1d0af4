import { open } from 'node:fs/promises';
import { FailureError } from '../../../shared/contract/failure.ts';
import { diskFailure } from '../documents/durable-file.ts';
import type { OrgClient } from '../orgs/org-client.ts';

/** REST writes moments with an offset of its own: what Bulk API writes `Z` for. */
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})\+0000$/;

/**
 * Writes the records of a REST query as Bulk API 2.0 writes its results, a page at a time. Without fields the columns are those of the
 * first record. Gives how many records there were.
 */
export async function writeRestCsv(
  client: Pick<OrgClient, 'pages'>,
  soql: string,
  fields: readonly string[] | null,
  path: string,
  progress: (records: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const file = await open(path, 'w', 0o600).catch(notWritten);
  let columns = fields;
  let records = 0;
  try {
    if (columns) await file.write(csvRow(columns)).catch(notWritten);
    for await (const page of client.pages(soql, signal)) {
      if (columns === null && page[0]) {
        columns = Object.keys(page[0]).filter((name) => name !== 'attributes');
        await file.write(csvRow(columns)).catch(notWritten);
      }
      const shown = columns ?? [];
      const rows = page.map((record) => csvRow(shown.map((column) => cellAt(record, column))));
      if (rows.length > 0) await file.write(rows.join('')).catch(notWritten);
      progress((records += page.length));
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    }
    // A result without records does not say what it would have had.
    if (columns === null) await file.write(csvRow(['Id'])).catch(notWritten);
    return records;
  } finally {
    await file.close();
  }
}

function notWritten(error: unknown): never {
  throw diskFailure(error, 'the exported file');
}

function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
}

/** A value by its path, its names in whatever case; null on the way is blank, and what is no single value is its JSON. */
function cellAt(record: Record<string, unknown>, path: string): string {
  let value: unknown = record;
  for (const part of path.split('.')) value = partOf(value, part);
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return MOMENT.test(text) ? text.replace(MOMENT, '$1Z') : text;
}

function partOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const record = value as Record<string, unknown>;
  if (Object.hasOwn(record, name)) return record[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(record).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? null : record[key];
}
