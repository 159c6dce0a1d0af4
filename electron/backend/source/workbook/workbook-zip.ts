import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { FailureError } from '../../../../shared/contract/failure.ts';
import { blamesArchive, entryPieces } from '../zip-entry.ts';

/** Where opening stops (F27). A million rows of twenty cells are more than Excel itself opens with ease. */
const MAX_INFLATED = 512 * 1024 * 1024;
const MAX_ENTRIES = 2000;
/** XML of rows packs to about a tenth. Small parts of one repeated word pack better, and cannot hurt. */
const MAX_RATIO = 100;
const RATIO_MATTERS_FROM = 16 * 1024 * 1024;
/** Bytes unpacked at a time: XML of this length is read in a few milliseconds. */
const PIECE = 64 * 1024;
/** Parts that are read whole: styles, relations, the list of sheets. */
const MAX_SMALL_PART = 32 * 1024 * 1024;

export function refuseWorkbook(
  fileName: string,
  problem: 'bomb' | 'damaged' | 'encrypted' | 'no-header' | 'no-sheet',
  sheet = '',
): never {
  throw new FailureError({ code: 'FILE_WORKBOOK', fileName, problem, sheet });
}

/** The parts of an Office Open XML package, unpacked on demand and never beyond reason. */
export class WorkbookZip {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly fileName: string;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, fileName: string) {
    this.#zip = zip;
    this.#entries = entries;
    this.fileName = fileName;
  }

  /** Throws `FILE_WORKBOOK`. */
  static async open(path: string, fileName: string): Promise<WorkbookZip> {
    let zip: ZipFile;
    try {
      zip = await yauzl.openPromise(path, { autoClose: false });
    } catch (error) {
      return unreadable(fileName, error);
    }
    try {
      const entries = new Map<string, Entry>();
      let inflated = 0;
      for await (const entry of zip.eachEntry()) {
        entries.set(entry.fileName.replace(/^\//, '').toLowerCase(), entry);
        inflated += entry.uncompressedSize;
        const dense =
          entry.uncompressedSize > RATIO_MATTERS_FROM && entry.uncompressedSize > entry.compressedSize * MAX_RATIO;
        if (entries.size > MAX_ENTRIES || inflated > MAX_INFLATED || dense) refuseWorkbook(fileName, 'bomb');
        if (entry.isEncrypted()) refuseWorkbook(fileName, 'encrypted');
      }
      return new WorkbookZip(zip, entries, fileName);
    } catch (error) {
      zip.close();
      return unreadable(fileName, error);
    }
  }

  close(): void {
    this.#zip.close();
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** Packed bytes of a part; what progress is measured in. */
  packedSize(name: string): number {
    return this.#entries.get(name.toLowerCase())?.compressedSize ?? 0;
  }

  /** A small part as text; empty if there is none of that name. */
  async text(name: string, signal: AbortSignal): Promise<string> {
    if (!this.has(name)) return '';
    const pieces: string[] = [];
    let length = 0;
    for await (const { text } of this.stream(name, signal)) {
      length += text.length;
      if (length > MAX_SMALL_PART) refuseWorkbook(this.fileName, 'bomb');
      pieces.push(text);
    }
    return pieces.join('');
  }

  /** A part's text, piece by piece, with the packed bytes read so far. The directory's sizes are claims: bytes are counted. */
  async *stream(name: string, signal: AbortSignal): AsyncGenerator<{ text: string; packedBytes: number }> {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry) refuseWorkbook(this.fileName, 'damaged');
    let packedBytes = 0;
    let inflated = 0;
    const decoder = new TextDecoder('utf-8');
    try {
      for await (const { bytes, fileBytes } of entryPieces(this.#zip, entry, PIECE, signal)) {
        packedBytes = fileBytes;
        inflated += bytes.length;
        if (inflated > MAX_INFLATED || (inflated > RATIO_MATTERS_FROM && inflated > entry.compressedSize * MAX_RATIO))
          refuseWorkbook(this.fileName, 'bomb');
        yield { text: decoder.decode(bytes, { stream: true }), packedBytes };
      }
    } catch (error) {
      unreadable(this.fileName, error);
    }
    const rest = decoder.decode();
    if (rest !== '') yield { text: rest, packedBytes };
  }
}

function unreadable(fileName: string, error: unknown): never {
  if (!blamesArchive(error)) throw error;
  refuseWorkbook(fileName, 'damaged');
}
