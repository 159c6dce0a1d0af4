import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input, Output } from '../../../shared/contract/procedures.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { MAPPING_FILE_VERSION, type FittedMapping, type MappingLoss } from '../../../shared/domain/mapping-file.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { BackendPorts } from '../ports.ts';
import { fitJsonMapping, readJsonMapping, writeJsonMapping } from './files/json-mapping.ts';
import { fitSdl, readSdl } from './files/read-sdl.ts';
import { writeSdl } from './files/write-sdl.ts';
import type { Described } from './fit-mapping.ts';

/** Java reads properties as Latin-1, and people write them as UTF-8: what is not the one is the other. */
function textOf(content: string): string {
  const bytes = Buffer.from(content, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** The object that one of our own mapping files is for; null for one of Data Loader's, which does not say. */
export function objectOf(content: string): string | null {
  return readJsonMapping(textOf(content))?.mapping.objectName ?? null;
}

/** Throws `MAPPING_FILE_UNREADABLE`. */
export function readMappingFile(
  { fileName, content, mapping }: Pick<Input<'mapping.readFile'>, 'fileName' | 'content' | 'mapping'>,
  source: SourceSummary,
  described: Described,
): FittedMapping {
  const text = textOf(content);
  const columns = source.columns.map(({ name }) => name);
  const file = readJsonMapping(text);
  if (file) return fitJsonMapping(file, columns.slice(0, source.fileColumns), described);
  const isJson = /^\s*[{[]/.test(text);
  const lines = isJson ? null : readSdl(text);
  if (lines) return fitSdl(lines, { columns, cleaning: source.cleaning, mapping, described });
  throw new FailureError({ code: 'MAPPING_FILE_UNREADABLE', fileName, newer: isJson && isOfLaterVersion(text) });
}

function isOfLaterVersion(text: string): boolean {
  const [, version = '0'] = /"kind"\s*:\s*"longshore-mapping"\s*,\s*"version"\s*:\s*(\d+)/.exec(text) ?? [];
  return Number(version) > MAPPING_FILE_VERSION;
}

/** Lets a person save a mapping of the source. */
export async function saveMappingFile(
  ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver'>,
  { mapping, form }: Pick<Input<'mapping.writeFile'>, 'mapping' | 'form'>,
  source: SourceSummary,
  described: Described,
): Promise<Output<'mapping.writeFile'>> {
  const { fileColumns, cleaning } = source;
  const columns = source.columns.map(({ name }) => name);
  const written: { text: string; losses: MappingLoss[] } =
    form === 'sdl'
      ? writeSdl({ mapping, columns, fileColumns, cleaning, describe: described.describe })
      : {
          text: writeJsonMapping({
            kind: 'longshore-mapping',
            version: MAPPING_FILE_VERSION,
            fileColumns: columns.slice(0, fileColumns),
            cleaning,
            mapping,
          }),
          losses: [],
        };
  const folder = await newExportFolder(ports);
  const name = `${mapping.objectName}-mapping.${form}`;
  const path = join(folder, name);
  try {
    await writeFile(path, written.text, { mode: 0o600 }).catch((error: unknown) => {
      throw diskFailure(error, 'the mapping file');
    });
    return { file: await offer(ports, folder, path, name), losses: written.losses };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
