import { unescapeCharacters, xmlReader } from './xml-elements.ts';
import { refuseWorkbook, type WorkbookZip } from './workbook-zip.ts';

const FIRST_CAPACITY = 1024 * 1024;

/**
 * Texts that cells refer to by number. Kept as UTF-8 outside the heap: a workbook at the limit has hundreds of megabytes
 * of them, which as strings would be more than twice as much.
 */
export class SharedStrings {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #ends = new Uint32Array(1024);
  #count = 0;

  #add(text: string): void {
    const start = this.#count === 0 ? 0 : (this.#ends[this.#count - 1] ?? 0);
    const needed = start + text.length * 3;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    if (this.#count === this.#ends.length) {
      const more = new Uint32Array(this.#ends.length * 2);
      more.set(this.#ends);
      this.#ends = more;
    }
    this.#ends[this.#count++] = start + this.#bytes.write(text, start, 'utf8');
  }

  /** The text of a number; null if there is none, which is a damaged workbook. */
  at(index: number): string | null {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return null;
    return this.#bytes.toString('utf8', index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }

  static async read(zip: WorkbookZip, part: string, signal: AbortSignal): Promise<SharedStrings> {
    const strings = new SharedStrings();
    if (!zip.has(part)) return strings;
    let text: string[] = [];
    let inText = false;
    // The reading aid above Japanese text (`rPh`) is no part of the value.
    let inPhonetic = false;
    const reader = xmlReader({
      open: (name) => {
        if (name === 'si') text = [];
        else if (name === 'rPh') inPhonetic = true;
        else if (name === 't') inText = !inPhonetic;
      },
      text: (piece) => {
        if (inText) text.push(piece);
      },
      close: (name, implied) => {
        // The text it was cut off in would be another one.
        if (implied && name === 'si') refuseWorkbook(zip.fileName, 'damaged');
        if (name === 't') inText = false;
        else if (name === 'rPh') inPhonetic = false;
        else if (name === 'si') strings.#add(unescapeCharacters(text.join('')));
      },
    });
    for await (const piece of zip.stream(part, signal)) reader.write(piece.text);
    reader.end();
    return strings;
  }
}
