import { rm } from 'node:fs/promises';
import type { AppSettings } from '../../../shared/domain/settings.ts';
import { MARKED_UTF8 } from '../../../shared/domain/source-file.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { BackendPorts } from '../ports.ts';
import { baseName } from '../source/base-name.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { CheckedSource } from './issue-names.ts';
import { writeProblemRows } from './problem-rows.ts';

export interface SaveRowsTools {
  readonly staging: StagingClient;
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver'>;
  /** What result files are written in, as it is set now. */
  readonly resultFiles: () => AppSettings['resultFiles'];
}

/** Offers the rows that are not sent as an error file, each with its reasons. */
export async function saveProblemRows(
  { staging, ports, resultFiles }: SaveRowsTools,
  checked: CheckedSource,
  signal: AbortSignal,
): ReturnType<typeof offer> {
  const folder = await newExportFolder(ports);
  try {
    const { fileName, writing } = checked.source;
    const form = resultFiles() === 'utf-8' ? MARKED_UTF8 : writing;
    const { path } = await writeProblemRows(staging, checked, folder, form, signal);
    return await offer(ports, folder, path, `${baseName(fileName)}-problems.csv`);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
