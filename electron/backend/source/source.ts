import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type {
  ColumnProfile,
  ColumnSketch,
  PreviewRow,
  SourceChoice,
  SourceNotice,
  SourceState,
  SourceSummary,
} from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { RawTable } from '../cleaning/clean-sql.ts';
import type { FileStamp, PartToRead } from '../staging/staging-functions.ts';
import type { FileOnDisk, OpenedPart } from './open-part.ts';
import { withNulShown, type SourceRecord } from './source-record.ts';

export interface OwnFile extends FileOnDisk {
  /** True if the file is a copy of ours, to be deleted with the source. */
  readonly owned: boolean;
  /** When it was last written, as it was read. */
  modifiedAt: number;
  /** The file as it was opened; null for one that this process has not opened yet. */
  stamp: FileStamp | null;
}

/** What is known of a source that was handed over. */
export interface Source {
  readonly files: OwnFile[];
  choice: SourceChoice;
  summary: SourceSummary | null;
  staging: AbortController | null;
  /** Settles when no staging of this source is at work any more. */
  ended: Promise<void>;
  /** How often it was staged by this process: rows lie elsewhere in storage each time. */
  stagings: number;
  /** SHA-256 over the bytes of the files and how they are read. */
  readDigest: string;
  editedColumns: number[];
  /** The yes to the rows of a file that grew while they were read. */
  acceptsChanged: boolean;
  /** Column profiles worked out so far, by column; emptied with every change. */
  readonly profiles: Map<number, ColumnProfile>;
  /** The same for column headers. */
  readonly sketches: Map<number, ColumnSketch>;
}

/** A summary of which every row is staged. */
export type StagedSummary = SourceSummary & { readonly state: Extract<SourceState, { kind: 'staged' }> };

/** The files as the staging process is told of them. */
export function partsToRead({ files }: Source, { parts }: SourceSummary): PartToRead[] {
  return parts.map(({ fileName, format }, index) => {
    const file = files[index];
    return { path: file?.path ?? '', fileName, format, stamp: file?.owned === false ? file.stamp : null };
  });
}

/** Throws `SOURCE_NOT_STAGED` while rows are still being read. */
export function stagedSummary({ summary }: Source): StagedSummary {
  if (summary?.state.kind !== 'staged') throw new FailureError({ code: 'SOURCE_NOT_STAGED' });
  return { ...summary, state: summary.state };
}

export function tableOf({ sourceId, fileColumns }: SourceSummary): RawTable {
  return { alias: sourceId, fileColumns };
}

/** Names of the file's own columns, without those that cleaning made. */
export function fileNames({ columns, fileColumns }: SourceSummary): string[] {
  return columns.slice(0, fileColumns).map(({ name }) => name);
}

export function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name.toLowerCase() === other[index]?.toLowerCase());
}

/** The columns of one file; of several JSON files, those of any. */
export function columnsOf(parts: readonly OpenedPart[]): string[] {
  return parts.every(({ format }) => format.kind === 'json')
    ? [...new Set(parts.flatMap(({ columns }) => columns))]
    : [...(parts[0]?.columns ?? [])];
}

/** Several files are one source if they have the same columns in the same order (F26). JSON names every value itself. */
export function refuseOtherShapes(files: readonly OwnFile[], parts: readonly OpenedPart[]): void {
  const [first] = parts;
  if (!first || parts.every(({ format }) => format.kind === 'json')) return;
  const other = parts.findIndex(
    ({ columns, format }) =>
      !sameNames(first.columns, columns) || (format.kind === 'json') !== (first.format.kind === 'json'),
  );
  if (other < 0) return;
  const columns = parts[other]?.columns ?? [];
  throw new FailureError({
    code: 'FILE_SEVERAL',
    fileNames: files.map(({ fileName }) => fileName),
    difference: {
      fileName: files[other]?.fileName ?? '',
      missing: first.columns.filter((name) => !columns.includes(name)).slice(0, 5),
      extra: columns.filter((name) => !first.columns.includes(name)).slice(0, 5),
    },
  });
}

/** What the whole file says takes the place of what its beginning said. */
export function noticesAtEnd(
  opened: readonly SourceNotice[],
  atEnd: readonly SourceNotice[],
  blankLines: number,
): SourceNotice[] {
  const codes = new Set(atEnd.map(({ code }) => code));
  const blank: SourceNotice[] = blankLines > 0 ? [{ code: 'BLANK_LINES_SKIPPED', count: blankLines }] : [];
  return [...opened.filter(({ code }) => !codes.has(code)), ...atEnd, ...blank];
}

export function toPreviewRow(record: SourceRecord, row: number, width: number): PreviewRow {
  const cells = Array.from({ length: width }, (_, index) => withNulShown(record.cells[index] ?? ''));
  return { row: SourceRowNumber.parse(row), line: record.line, part: 0, cells, edited: [], problem: record.problem };
}
