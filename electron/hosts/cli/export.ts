import { basename, extname } from 'node:path';
import { ExportFormat, type ExportForm, type ExportWay } from '../../../shared/domain/export.ts';
import { number } from '../../../shared/text/counts.ts';
import { exportForecastText, WAY_WORD } from '../../../shared/text/export-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';

export interface ExportFlags {
  readonly targetOrg?: string;
  readonly query: string;
  readonly outputFile: string;
  readonly format?: ExportFormat;
  readonly way?: ExportWay;
}

/** What the file's name says, where no format is said. */
function formOf({ format, outputFile }: ExportFlags): ExportForm {
  const named = ExportFormat.options.find((one) => `.${one}` === extname(outputFile).toLowerCase());
  return { format: format ?? named ?? 'csv' };
}

/** Tells what an export takes, and writes it. */
export async function exportRecords(caller: BackendCaller, flags: ExportFlags, output: Output): Promise<Ending> {
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
