import { open } from 'node:fs/promises';
import Papa from 'papaparse';
import { MARKED_UTF8 } from '../../../shared/domain/source-file.ts';
import type { DuckDbEngine } from './duckdb-engine.ts';
import { chunksWithBytes } from './result-chunks.ts';
import type { ExportRequest } from './staging-functions.ts';
import { encoderOf, NotInEncoding, type Encoder } from './text-encoder.ts';

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
  const writing = request.spreadsheetSafe ? MARKED_UTF8 : request.writing;
  try {
    return await writeRows(engine, request, encoderOf(writing), signal);
  } catch (error) {
    if (!(error instanceof NotInEncoding)) throw error;
    return writeRows(engine, request, encoderOf(MARKED_UTF8), signal);
  }
}

async function writeRows(
  engine: DuckDbEngine,
  request: ExportRequest,
  encode: Encoder,
  signal: AbortSignal,
): Promise<{ rows: number }> {
  const config: Papa.UnparseConfig = {
    delimiter: request.delimiter,
    newline: '\n',
    escapeFormulae: request.spreadsheetSafe,
  };
  const file = await open(request.path, 'w', 0o600);
  try {
    await file.write(Buffer.concat([encode.mark, encode.text(`${Papa.unparse([[...request.header]], config)}\n`)]));
    let rows = 0;
    await engine.withConnection(signal, async (connection) => {
      for (let after = 0; after < request.lastRow; after += RANGE_ROWS) {
        const sql = request.sql.replaceAll('{after}', String(after)).replaceAll('{upTo}', String(after + RANGE_ROWS));
        for await (const chunk of chunksWithBytes(connection, sql)) {
          signal.throwIfAborted();
          const pieces: Buffer[] = [];
          for (const { bytes, values } of chunk) {
            const texts = values.map((cell) => (cell === null ? '' : String(cell)));
            if (bytes === null || request.spreadsheetSafe) {
              pieces.push(encode.text(`${Papa.unparse([texts], config)}\n`));
              continue;
            }
            // What could not be read goes back byte for byte, behind the columns that are ours.
            const lead = Papa.unparse([texts.slice(0, request.lead)], config);
            if (request.lead > 0) pieces.push(encode.text(`${lead}${request.delimiter}`));
            pieces.push(encode.original(Buffer.from(bytes)), encode.text('\n'));
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
