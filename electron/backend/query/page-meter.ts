import type { BodyWatch } from '../orgs/answer-body.ts';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
/** Names of 5,000 fields, each as long as it can be, and more. */
const LONGEST_HEADER = 1024 * 1024;

/**
 * Counts the records of a CSV page of Bulk API 2.0 as it arrives: line feeds outside quotes end them, and the last may lack its own. A
 * quote within a quoted cell is doubled, so that being inside quotes is a matter of even and odd.
 */
export class PageMeter implements BodyWatch {
  #head: Buffer[] = [];
  #headBytes = 0;
  #header: string | null = null;
  #quoted = false;
  #ended = 0;
  #last = LINE_FEED;

  begin(): void {
    this.#head = [];
    this.#headBytes = 0;
    this.#header = null;
    this.#quoted = false;
    this.#ended = 0;
    this.#last = LINE_FEED;
  }

  chunk(bytes: Buffer): void {
    if (this.#header === null) this.#readHeader(bytes);
    let quoted = this.#quoted;
    // By index: an iterator reads half as much. Nearly all bytes are above both.
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > QUOTE) continue;
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === LINE_FEED && !quoted) this.#ended++;
    }
    this.#quoted = quoted;
    this.#last = bytes.at(-1) ?? this.#last;
  }

  #readHeader(bytes: Buffer): void {
    this.#head.push(Buffer.from(bytes));
    this.#headBytes += bytes.length;
    if (!bytes.includes(LINE_FEED) && this.#headBytes < LONGEST_HEADER) return;
    this.#header = firstLine(this.#head);
    this.#head = [];
  }

  /** Records, the header not counted. */
  get records(): number {
    const open = this.#quoted || this.#last !== LINE_FEED;
    return Math.max(0, this.#ended + (open ? 1 : 0) - 1);
  }

  /** The first line as it stands. */
  get header(): string {
    return this.#header ?? firstLine(this.#head);
  }
}

function firstLine(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}
