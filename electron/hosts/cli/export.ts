import { basename, extname } from 'node:path';
import { ExportFormat, type ExportForm, type ExportWay } from '../../../shared/domain/export.ts';
import { parseSoql } from '../../../shared/soql/parse-soql.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { exportForecastText, foundText, soqlErrorText, WAY_WORD } from '../../../shared/text/export-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import { placeOf } from './place-of.ts';
import { UsageError } from './usage-error.ts';
import type { Ending, Output } from './output.ts';

export interface ExportFlags {
  readonly targetOrg?: string;
  readonly query: string;
  readonly outputFile: string;
  readonly format?: ExportFormat;
  readonly way?: ExportWay;
  readonly keys?: string;
  readonly keyColumn?: string;
  readonly keyField?: string;
}

/** What the file's name says, where no format is said. */
function formOf({ format, outputFile }: ExportFlags): ExportForm {
  const named = ExportFormat.options.find((one) => `.${one}` === extname(outputFile).toLowerCase());
  return { format: format ?? named ?? 'csv' };
}

/** Tells what an export takes, and writes it. */
export async function exportRecords(caller: BackendCaller, flags: ExportFlags, output: Output): Promise<Ending> {
  if (flags.keys !== undefined) return enrichFile(caller, { ...flags, keys: flags.keys }, output);
  const { query, outputFile, way: wanted = null } = flags;
  const { orgId } = await caller.org(flags.targetOrg);
  const forecast = await caller.call('export.forecast', { orgId, soql: query });
  output.note(exportForecastText(forecast, wanted));
  const way = wanted ?? forecast.ways[0]?.way;
  const exported = await caller.call('export.query', {
    orgId,
    soql: query,
    fileName: basename(outputFile),
    form: formOf(flags),
    ...(way ? { way } : {}),
  });
  output.line(`${number(exported.records)} records written to ${outputFile} by ${WAY_WORD[exported.way]}`);
  return { code: EXIT.ok, result: exported };
}

/** Writes the rows of a file of keys with the fields that the query selects. */
async function enrichFile(
  caller: BackendCaller,
  {
    targetOrg,
    query,
    outputFile,
    keys,
    keyColumn,
    keyField = 'Id',
    format = 'csv',
    way,
  }: ExportFlags & { keys: string },
  output: Output,
): Promise<Ending> {
  const read = parseSoql(query);
  if (read.kind === 'error') throw new UsageError(soqlErrorText(read.error));
  if (format !== 'csv' || way !== undefined)
    throw new UsageError('With --keys the file is CSV, and the way is chosen.');
  if (
    read.kind !== 'query' ||
    read.query.filters.length > 0 ||
    read.query.order.length > 0 ||
    read.query.limit !== null
  )
    throw new UsageError('With --keys the query is SELECT fields FROM object: the keys say which records.');
  const { orgId } = await caller.org(targetOrg);
  const source = await caller.stage([keys], null);
  const enriched = await caller.call('enrich.file', {
    orgId,
    sourceId: source.sourceId,
    column: placeOf(source.columns, keyColumn ?? keyField),
    objectName: read.query.objectName,
    keyField,
    fields: [...read.query.fields],
    fileName: basename(outputFile),
  });
  output.note(plural(enriched.apiCalls, 'API call'));
  output.line(`${plural(enriched.rows, 'row')} written to ${outputFile}: ${foundText(enriched)}`);
  return { code: EXIT.ok, result: enriched };
}
