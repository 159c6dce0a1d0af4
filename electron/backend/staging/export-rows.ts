import { open } from 'node:fs/promises';
import Papa from 'papaparse';
import type { DuckDbEngine } from './duckdb-engine.ts';
import type { ExportRequest } from './staging-functions.ts';

const NEWLINE = Buffer.from('\n');

/**
 * Rows asked for at a time. All of them in one ordered result would be sorted first, and a million wide rows do not sort in
 * the engine's memory; a range of them is found by its numbers.
 */
const RANGE_ROWS = 50_000;

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
  const file = await open(request.path, 'w', 0o600);
  try {
    // A spreadsheet reads UTF-8 only with a byte-order mark; the re-loadable file stays plain.
    const mark = request.spreadsheetSafe ? '\ufeff' : '';
    await file.write(`${mark}${Papa.unparse([[...request.header]], config)}\n`);
    let rows = 0;
    await engine.withConnection(signal, async (connection) => {
      for (let after = 0; after < request.lastRow; after += RANGE_ROWS) {
        const sql = request.sql.replaceAll('{after}', String(after)).replaceAll('{upTo}', String(after + RANGE_ROWS));
        for await (const chunk of engine.chunksWithBytes(connection, sql)) {
          signal.throwIfAborted();
          const pieces: Buffer[] = [];
          for (const { bytes, values } of chunk) {
            const texts = values.map((cell) => (cell === null ? '' : String(cell)));
            if (bytes === null || request.spreadsheetSafe) {
              pieces.push(Buffer.from(`${Papa.unparse([texts], config)}\n`));
              continue;
            }
            // What could not be read goes back byte for byte, behind the columns that are ours.
            const lead = Papa.unparse([texts.slice(0, request.lead)], config);
            pieces.push(
              Buffer.from(request.lead === 0 ? '' : `${lead}${request.delimiter}`),
              Buffer.from(bytes),
              NEWLINE,
            );
          }
          rows += chunk.length;
          await file.write(Buffer.concat(pieces));
        }
      }
    });
    return { rows };
  } finally {
    await file.close();
  }
}
