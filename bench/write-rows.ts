import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

type Value = string | number | boolean | null | undefined;

function quoted(value: Value): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A CSV file of so many rows, counted from 1, made as it is written. */
export async function writeRows(
  path: string,
  columns: readonly string[],
  rows: number,
  row: (n: number) => Readonly<Record<string, Value>>,
): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1024 * 1024 });
  file.write(`${columns.join(',')}\n`);
  for (let n = 1; n <= rows; n++) {
    const values = row(n);
    if (!file.write(`${columns.map((column) => quoted(values[column])).join(',')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
