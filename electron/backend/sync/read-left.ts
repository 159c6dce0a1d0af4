import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { SyncLeft } from '../../../shared/domain/sync.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { syncWorkTables } from '../tables/sync-tables.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { digestSql, rowKeySql, type SyncMapping } from './sync-basis.ts';

/** The columns on which hangs what a row is sent as. */
function readColumns({ columns, newestBy }: FieldMapping): number[] {
  const used = mappedColumns({ columns }).flatMap(({ column, target }) =>
    target.kind === 'found' && target.and ? [column, target.and.column] : [column],
  );
  return [...new Set([...used, ...(newestBy === undefined ? [] : [newestBy])])].sort((one, other) => one - other);
}

/**
 * Leaves in the run's own database a digest of each key's rows (`left_key`), and of each row (`left_row`): rows of one key are looked at
 * together, for which of them is sent hangs on all. Of cells only those that the job loads count.
 */
export async function readLeft(
  staging: StagingSql,
  workId: string,
  source: StagedSource,
  sync: SyncMapping,
): Promise<Pick<SyncLeft, 'rows' | 'keys' | 'unusable'>> {
  const work = syncWorkTables(workId);
  // Each with its length: no two rows are written alike.
  const cells = readColumns(sync.mapping).map((column) => `coalesce(s.${cell(column)}, '')`);
  const text = `concat(${cells.map((one) => `length(${one}), ':', ${one}`).join(', ')})`;
  await staging.run(
    `CREATE OR REPLACE TABLE ${work.left_row} AS SELECT row_number, k, d FROM (
       SELECT s.row_number, ${rowKeySql(sync, 's')} AS k, ${digestSql(text)} AS d
       FROM ${tablesOf(source.alias).staged} s WHERE s.problem IS NULL) WHERE k <> '';
     CREATE OR REPLACE TABLE ${work.repeated_key} AS SELECT k FROM ${work.left_row} GROUP BY k HAVING count(*) > 1;
`,
  );
  const [repeated] = await staging.query(`SELECT count(*) AS n FROM ${work.repeated_key}`);
  // Nearly always each key has one row: a million of them need not be written once more.
  const isEachOnce = Number(repeated?.['n'] ?? 0) === 0;
  await staging.run(
    isEachOnce
      ? `CREATE VIEW ${work.left_key} AS SELECT k, d FROM ${work.left_row}`
      : `CREATE TABLE ${work.left_key} AS
           SELECT k, d FROM ${work.left_row} ANTI JOIN ${work.repeated_key} USING (k)
           UNION ALL SELECT k, ${digestSql("string_agg(d::VARCHAR, ',' ORDER BY row_number)")} AS d
             FROM ${work.left_row} SEMI JOIN ${work.repeated_key} USING (k) GROUP BY k`,
  );
  const [counts] = await staging.query(
    `SELECT (SELECT count(*) FROM ${work.left_row}) AS n, (SELECT count(*) FROM ${work.left_key}) AS keys`,
  );
  const usable = Number(counts?.['n'] ?? 0);
  const { rows } = source;
  return { rows, keys: Number(counts?.['keys'] ?? 0), unusable: rows - usable };
}
