import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import Papa from 'papaparse';
import type { DuckDbEngine } from './duckdb-engine.ts';
import type { ExportRequest } from './staging-functions.ts';

/** Writes rows to a CSV file as they come, waiting for the disk. */
export async function exportRows(
  engine: DuckDbEngine,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<{ rows: number }> {
  const config: Papa.UnparseConfig = {
    delimiter: request.delimiter,
    newline: '\n',
    escapeFormulae: request.spreadsheetSafe,
  };
  const file = createWriteStream(request.path, { mode: 0o600 });
  // A spreadsheet reads UTF-8 only with a byte-order mark; the re-loadable file stays plain.
  const mark = request.spreadsheetSafe ? '\ufeff' : '';
  file.write(`${mark}${Papa.unparse([[...request.header]], config)}\n`);
  let rows = 0;
  await engine.withConnection(signal, async (connection) => {
    for await (const chunk of engine.chunks(connection, request.sql)) {
      const lines = chunk.map((values) => {
        const [original = null, ...cells] = values;
        const texts = cells.map((cell) => (cell === null ? '' : String(cell)));
        if (original === null || request.spreadsheetSafe) return Papa.unparse([texts], config);
        if (request.lead === 0) return String(original);
        return `${Papa.unparse([texts.slice(0, request.lead)], config)}${request.delimiter}${String(original)}`;
      });
      rows += chunk.length;
      if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain', { signal });
    }
  });
  file.end();
  await once(file, 'finish');
  return { rows };
}
