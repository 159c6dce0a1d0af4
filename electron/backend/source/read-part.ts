import type { Hash } from 'node:crypto';
import type { SourceFormat, SourceNotice } from '../../../shared/domain/source-file.ts';
import type { PartToRead } from '../staging/staging-functions.ts';
import { findJsonColumns, JsonColumns, readJsonRecords } from './json/open-json.ts';
import { readUtf8 } from './read-utf8.ts';
import { RecordScanner } from './record-scanner.ts';
import type { RecordSink } from './source-record.ts';
import { decoderOf } from '../staging/text-decoder.ts';
import { readingFailed } from './regular-file.ts';
import { contentOf, plainPieces } from './unpack.ts';
import { readWorkbookRecords } from './workbook/open-workbook.ts';

/**
 * Puts every record of a file into the sink, in order and in flat memory, and waits for `settle` between pieces of it.
 * `hash` is fed every byte of the unpacked text, or of the workbook. Gives back what could only be said at the end.
 */
export async function readPart(
  part: PartToRead,
  columns: readonly string[],
  sink: RecordSink,
  settle: (fileBytes: number) => Promise<void>,
  hash: Hash,
  signal: AbortSignal,
): Promise<SourceNotice[]> {
  const { path, fileName, format } = part;
  switch (format.kind) {
    case 'delimited': {
      const scanner = new RecordScanner(format, fileName, sink);
      const content = contentOf(path, fileName, format.packing, signal, part.stamp?.size);
      for await (const piece of readUtf8(content, format.encoding, format.bomLength, hash)) {
        scanner.push(piece.bytes, piece.last);
        await settle(piece.fileBytes);
      }
      return scanner.notices;
    }
    case 'json':
      await readJsonRecords(jsonText(part, format, hash, signal), format.layout, fileName, columns, sink, settle);
      return [];
    case 'workbook':
      await hashContent(part, hash, signal);
      return readWorkbookRecords(path, fileName, format, columns, sink, settle, signal);
  }
}

/** Feeds the hash what reading the file feeds it. */
export async function hashContent(part: PartToRead, hash: Hash, signal: AbortSignal): Promise<void> {
  const { path, fileName, format, stamp } = part;
  const limit = stamp?.size ?? null;
  try {
    const content =
      format.kind === 'workbook'
        ? plainPieces(path, limit, signal)
        : contentOf(path, fileName, format.packing, signal, limit);
    for await (const { bytes } of content) hash.update(bytes);
  } catch (error) {
    readingFailed(fileName, error);
  }
}

async function* jsonText(
  part: PartToRead,
  format: Extract<SourceFormat, { kind: 'json' }>,
  hash: Hash | undefined,
  signal: AbortSignal,
): AsyncGenerator<{ text: string; last: boolean; fileBytes: number }> {
  const decoder = decoderOf('utf-8');
  const content = contentOf(part.path, part.fileName, format.packing, signal, part.stamp?.size);
  for await (const { bytes, last, fileBytes } of readUtf8(content, format.encoding, format.bomLength, hash)) {
    const text = decoder.decode(bytes);
    yield { text: last ? text + decoder.end() : text, last, fileBytes };
  }
}

/** Every column of JSON files: the first records need not have all of them. Null for a source of another kind. */
export async function findColumns(
  parts: readonly PartToRead[],
  signal: AbortSignal,
): Promise<{ names: string[]; notices: SourceNotice[] } | null> {
  const columns = new JsonColumns();
  for (const part of parts) {
    if (part.format.kind !== 'json') return null;
    await findJsonColumns(jsonText(part, part.format, undefined, signal), part.format.layout, part.fileName, columns);
  }
  return { names: columns.names, notices: columns.notices };
}
