import { createHash } from 'node:crypto';
import { delimiterOf } from '../../../shared/domain/source-file.ts';
import { findColumns, readPart } from './read-part.ts';
import type { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { blameChange, refuseOther } from './refuse-other.ts';
import { SliceWriter } from './slice-writer.ts';
import type { StageRequest, StageResult } from '../staging/staging-functions.ts';

/** Rows between two reports of progress. */
const REPORT_ROWS = 20_000;

/**
 * Reads every file of a source into `raw(row_number, line, part, problem, problem_column, original, marks, c0 … cn)`, in one pass
 * and in flat memory. Bad records are kept with their original bytes; missing cells are NULL, never blank.
 */
export async function stageSource(
  engine: DuckDbEngine,
  request: StageRequest,
  signal: AbortSignal,
  progress: (facts: { rows: number; bytes: number }) => void,
): Promise<StageResult> {
  const { alias, parts } = request;
  const found = await findColumns(parts, signal);
  const columns = found?.names ?? request.columns;
  await engine.databases.expectColumns(alias, columns.length);
  const cells = columns.map((_name, index) => `c${index} VARCHAR`).join(', ');
  await engine.run(`DROP VIEW IF EXISTS ${alias}.staged; CREATE OR REPLACE TABLE ${alias}.raw
    (row_number INTEGER, line INTEGER, part SMALLINT, problem VARCHAR, problem_column SMALLINT, original BLOB, marks VARCHAR, ${cells})`);
  const hash = createHash('sha256');
  const notices = [...(found?.notices ?? [])];
  const result = await engine.withConnection(signal, async (connection) => {
    const writer = new SliceWriter(connection, `${alias}.raw`, request.slicePath, columns.length);
    let bytesBefore = 0;
    let reported = 0;
    try {
      for (const [index, part] of parts.entries()) {
        writer.startPart(index, delimiterOf(part.format));
        let bytes = 0;
        const settle = async (fileBytes: number) => {
          bytes = fileBytes;
          await writer.settle(signal);
          if (writer.rows - reported < REPORT_ROWS) return;
          reported = writer.rows;
          progress({ rows: writer.rows, bytes: bytesBefore + fileBytes });
        };
        const [before, rowsBefore] = [hash.copy(), writer.rows];
        try {
          notices.push(...(await readPart(part, columns, writer, settle, hash, signal)));
        } catch (error) {
          throw await blameChange(part, error);
        }
        const grew = await refuseOther(part, before, hash.copy(), signal);
        if (grew) notices.push({ ...grew, rows: writer.rows - rowsBefore });
        bytesBefore += bytes;
      }
      await writer.finish();
    } finally {
      await writer.close();
    }
    const { rows, problemRows, blankLines } = writer;
    return { rows, problemRows, blankLines, columns: [...columns], notices, digest: hash.digest('hex') };
  });
  // What does not fit on the disk is told of now, rather than when the database is closed.
  await engine.run(`CHECKPOINT ${alias}`);
  return result;
}
