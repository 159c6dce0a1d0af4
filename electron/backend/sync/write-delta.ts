import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { diskFailure } from '../documents/durable-file.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { syncWorkTables } from '../tables/sync-tables.ts';
import { cell, tablesOf } from '../tables/tables.ts';

interface DeltaTools {
  readonly staging: Pick<StagingClient, 'exportRows' | 'until'>;
  readonly sources: Pick<SourceRegistry, 'handOver' | 'open' | 'whenRead'>;
}

/**
 * A source of the rows that a run is about, as they are after cleaning and in their order, under the file's own name: what is planned, loaded,
 * and reported is theirs alone. It is a copy of ours, and goes with the run.
 */
export async function writeDelta(
  { staging, sources }: DeltaTools,
  workId: string,
  source: StagedSource,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly sourceId: SourceId; readonly read: () => Promise<SourceSummary> }> {
  const { left_row: rows, delta } = syncWorkTables(workId);
  const cells = source.columns.map(({ index }) => cell(index)).join(', ');
  const range = 'row_number > {after} AND row_number <= {upTo}';
  const chosen = `row_number IN (SELECT row_number FROM ${rows} SEMI JOIN ${delta} USING (k) WHERE ${range})`;
  const [last] = await staging.until(signal).query(`SELECT coalesce(max(row_number), 0) AS n FROM ${rows}`);
  const path = await fileIn(folder, workId);
  await staging.exportRows(
    {
      sql: `SELECT NULL::BLOB AS original, ${cells} FROM ${tablesOf(source.alias).staged}
        WHERE ${range} AND ${chosen} ORDER BY row_number`,
      lastRow: Number(last?.['n'] ?? 0),
      lead: 0,
      header: source.columns.map(({ name }) => name),
      path,
      delimiter: ',',
      writing: { encoding: 'utf-8', mark: false },
      spreadsheetSafe: false,
    },
    signal,
  );
  return handOver(sources, path, source.fileName, signal);
}

/** A file of ours as a source that nobody else reads. */
export async function handOver(
  sources: DeltaTools['sources'],
  path: string,
  fileName: string,
  signal: AbortSignal,
): Promise<{ readonly sourceId: SourceId; readonly read: () => Promise<SourceSummary> }> {
  const sourceId = await sources.handOver([path], { fileName, arriving: null });
  return {
    sourceId,
    read: async () => {
      await sources.open(sourceId, { delimiter: ',', encoding: 'utf-8', headerRow: 1 }, signal);
      return sources.whenRead(sourceId, signal);
    },
  };
}

export async function fileIn(folder: string, workId: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskFailure(error, 'the rows of a sync');
  });
  return join(folder, `${workId}.csv`);
}
