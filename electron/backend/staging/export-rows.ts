import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import Papa from 'papaparse';
import type { DuckDbEngine } from './duckdb-engine.ts';
import type { ExportRequest } from './staging-functions.ts';

const NEWLINE = Buffer.from('\n');

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
    for await (const chunk of engine.chunksWithBytes(connection, request.sql)) {
      const pieces: Buffer[] = [];
      for (const { bytes, values } of chunk) {
        const texts = values.map((cell) => (cell === null ? '' : String(cell)));
        if (bytes === null || request.spreadsheetSafe) {
          pieces.push(Buffer.from(`${Papa.unparse([texts], config)}\n`));
          continue;
        }
        // What could not be read goes back byte for byte, behind the columns that are ours.
        const lead = Papa.unparse([texts.slice(0, request.lead)], config);
        pieces.push(Buffer.from(request.lead === 0 ? '' : `${lead}${request.delimiter}`), Buffer.from(bytes), NEWLINE);
      }
      rows += chunk.length;
      if (!file.write(Buffer.concat(pieces))) await once(file, 'drain', { signal });
    }
  });
  file.end();
  await once(file, 'finish');
  return { rows };
}
