import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceNotice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { PREVIEW_ROWS, type OpenedPart } from './open-part.ts';
import { columnsOf, fileNames, sameNames, toPreviewRow } from './source.ts';

interface Opened {
  readonly sourceId: SourceId;
  readonly fileNames: readonly string[];
  readonly parts: readonly OpenedPart[];
  /** The source as it was, if it was open before. */
  readonly before: SourceSummary | null;
  /** True if it is read again with the same settings, because its files have changed. */
  readonly asBefore: boolean;
  readonly savedCleaning: (columns: readonly string[]) => CleaningStep[];
}

/** What is known of a source once its files were judged by their beginnings, and what is said of it. */
export function openedSummary(opened: Opened): SourceSummary {
  const { parts, before } = opened;
  const [first] = parts;
  if (!first) throw new Error('a source without a file');
  const names = columnsOf(parts);
  const kept = before === null ? opened.savedCleaning(names) : [];
  const notices: SourceNotice[] = [...first.notices];
  if (parts.length > 1) notices.unshift({ code: 'FILES_AS_ONE', files: parts.length });
  if (before?.state.kind === 'staged' && opened.asBefore) notices.unshift({ code: 'FILE_CHANGED' });
  if (before && before.editedCells > 0) notices.unshift({ code: 'EDITS_DROPPED', cells: before.editedCells });
  if (kept.length > 0) notices.unshift({ code: 'CLEANING_KEPT', steps: kept.length });
  const more = parts.length > 1 ? ` and ${parts.length - 1} more` : '';
  // Row numbers may stand for other rows now; what a step says of columns still holds if they are the same.
  const cleaning = before ? (sameNames(fileNames(before), names) ? before.cleaning : []) : kept;
  return {
    sourceId: opened.sourceId,
    revision: (before?.revision ?? 0) + 1,
    fileName: `${opened.fileNames[0] ?? ''}${more}`,
    byteLength: parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
    parts: parts.map(({ byteLength, format }, index) => ({
      fileName: opened.fileNames[index] ?? '',
      byteLength,
      format,
    })),
    columns: names.map((name, index) => ({ index, name })),
    fileColumns: names.length,
    notices,
    preview: first.records.slice(0, PREVIEW_ROWS).map((record, at) => toPreviewRow(record, at + 1, names.length)),
    cleaning,
    editedCells: 0,
    changedOnDisk: false,
    state: { kind: 'staging', rows: 0, bytesRead: 0, elapsed: 0 },
  };
}
