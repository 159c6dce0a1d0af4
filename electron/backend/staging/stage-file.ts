import type { DuckDbEngine } from './duckdb-engine.ts';
import type { StageRequest, StageResult } from './staging-functions.ts';
import { readText } from '../source/read-text.ts';
import { RecordReader } from '../source/record-reader.ts';

/** Rows between two writes to disk and two progress reports. */
const FLUSH_ROWS = 20_000;

/**
 * Reads a whole file into `staged(row_number, line, problem, original, c0 … cn)`, in file order, one pass, flat memory.
 * Bad records are kept with their original text; missing cells are NULL, never blank.
 */
export async function stageFile(
  engine: DuckDbEngine,
  request: StageRequest,
  signal: AbortSignal,
  progress: (facts: { rows: number; bytes: number }) => void,
): Promise<StageResult> {
  const { alias, columns } = request;
  const cells = Array.from({ length: columns }, (_, index) => `c${index} VARCHAR`).join(', ');
  await engine.run(
    `CREATE OR REPLACE TABLE ${alias}.staged (row_number INTEGER, line INTEGER, problem VARCHAR, original VARCHAR, ${cells})`,
  );
  return engine.withConnection(signal, async (connection) => {
    const appender = await connection.createAppender('staged', 'main', alias);
    const reader = new RecordReader(request.dialect, request.fileName);
    let rows = 0;
    let problemRows = 0;
    let headerSeen = false;
    let flushedAt = 0;
    let digest = '';
    for await (const piece of readText(request.path, request.fileName, request.dialect, signal)) {
      for (const record of reader.push(piece.text, piece.last)) {
        if (!headerSeen) {
          headerSeen = true;
          continue;
        }
        rows++;
        appender.appendInteger(rows);
        appender.appendInteger(record.line);
        if (record.problem === null) {
          appender.appendNull();
          appender.appendNull();
        } else {
          problemRows++;
          appender.appendVarchar(record.problem);
          appender.appendVarchar(record.original ?? '');
        }
        for (let index = 0; index < columns; index++) {
          const cell = record.cells[index];
          if (cell === undefined) appender.appendNull();
          // DuckDB's text cannot hold NUL; the original text is kept beside it.
          else appender.appendVarchar(cell.includes('\0') ? cell.replaceAll('\0', '\u2400') : cell);
        }
        appender.endRow();
      }
      if (rows - flushedAt >= FLUSH_ROWS) {
        flushedAt = rows;
        appender.flushSync();
        progress({ rows, bytes: piece.bytesRead });
      }
      if (piece.digest !== null) digest = piece.digest;
    }
    appender.closeSync();
    await connection.run(`CHECKPOINT ${alias}`);
    return { rows, problemRows, blankLines: reader.blankLines, digest };
  });
}
