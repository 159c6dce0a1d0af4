import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkHeader, sentColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { JOB_BYTES } from '../plan/measure-plan.ts';
import { quoteText } from '../tables/quote.ts';
import type { StagingClient } from '../staging/staging-client.ts';

export function partFile(folder: string, part: number): string {
  return join(folder, `part-${part}.csv`);
}

/**
 * Divides the rows to send into parts that each fit one job, in `submission(row_number, part)`, and writes each part as
 * Bulk API CSV: UTF-8, LF, API names, RFC 4180 quotes, split between records.
 */
export async function writeParts(
  staging: StagingClient,
  planId: PlanId,
  mapping: FieldMapping,
  folder: string,
  jobBytes: number = JOB_BYTES,
): Promise<{ part: number; rows: number }[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sent = sentColumns(mapping);
  const bytes = sent.map(({ column }) => `strlen(m.a${column}) + 3`).join(' + ');
  await staging.run(
    `CREATE OR REPLACE TABLE ${planId}.submission AS
     SELECT row_number, 1 + CAST(floor((sum(${bytes}) OVER (ORDER BY row_number)) / ${jobBytes}) AS INTEGER) AS part
     FROM ${planId}.planned p JOIN ${planId}.mapped m USING (row_number) WHERE p.kind IN ('insert', 'update', 'delete')`,
  );
  const parts = await staging.query(`SELECT part, count(*) AS n FROM ${planId}.submission GROUP BY part ORDER BY part`);
  const select = sent.map(({ column, target }) => `nullif(m.a${column}, '') AS "${bulkHeader(target)}"`).join(', ');
  for (const { part } of parts) {
    await staging.run(
      `COPY (SELECT ${select} FROM ${planId}.submission s JOIN ${planId}.mapped m USING (row_number) WHERE s.part = ${Number(part)} ORDER BY s.row_number)
       TO ${quoteText(partFile(folder, Number(part)))} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`,
    );
  }
  return parts.map(({ part, n }) => ({ part: Number(part), rows: Number(n) }));
}
