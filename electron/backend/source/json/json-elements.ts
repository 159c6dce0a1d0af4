import { FailureError } from '../../../../shared/contract/failure.ts';

/** One value of the array, or one line, as it is written. */
export interface JsonElement {
  readonly text: string;
  readonly line: number;
}

/** No record of Salesforce holds more than 400,000 characters; this much without an end is no record. */
const LONGEST_ELEMENT = 8_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Cuts JSON text, piece by piece, into the elements of its array of records without reading them: a broken one can then be kept
 * with its text and not sent, while the others are read, and numbers keep all their digits. The array is the first one that
 * holds objects or nothing: the document itself, or `records` of a query's answer.
 */
export class JsonElements {
  readonly #fileName: string;
  #text = '';
  #at = 0;
  #line = 1;
  #found = false;
  #ended = false;
  /** What stands before the array, and what was met after it. */
  #before = '';
  #after = '';
  /** Where the element that is being read begins; -1 between elements. */
  #start = -1;
  #startLine = 1;
  #depth = 0;
  #inString = false;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  push(piece: string, last: boolean): JsonElement[] {
    this.#text += piece;
    const elements: JsonElement[] = [];
    if (!this.#found && !this.#findArray(last)) return elements;
    const text = this.#text;
    for (; this.#at < text.length && !this.#ended; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x0a) this.#line++;
      if (this.#inString) {
        if (code === BACKSLASH) this.#at++;
        else if (code === QUOTE) this.#inString = false;
        continue;
      }
      switch (code) {
        case 0x20:
        case 0x09:
        case 0x0a:
        case 0x0d:
          continue;
        case 0x2c: // ,
          if (this.#depth === 0) {
            if (this.#start >= 0) elements.push(this.#finish());
            continue;
          }
          break;
        case 0x5d: // ]
        case 0x7d: // }
          if (this.#depth === 0) {
            if (code === 0x7d) this.#refuse('a “}” without a matching “{”');
            if (this.#start >= 0) elements.push(this.#finish());
            this.#ended = true;
            continue;
          }
          this.#depth--;
          continue;
        default:
      }
      if (this.#start < 0) [this.#start, this.#startLine] = [this.#at, this.#line];
      if (code === QUOTE) this.#inString = true;
      else if (code === 0x5b || code === 0x7b) this.#depth++;
    }
    // A backslash at the very end escapes what comes with the next piece.
    if (this.#ended) this.#keepAfter(text.slice(this.#at));
    const kept = this.#ended ? text.length : this.#start >= 0 ? this.#start : Math.min(this.#at, text.length);
    this.#text = text.slice(kept);
    this.#at -= kept;
    if (this.#start >= 0) this.#start = 0;
    if (this.#text.length > LONGEST_ELEMENT) this.#refuse('a record without an end', this.#startLine);
    if (last && !this.#ended) this.#refuse('the array of records has no end');
    if (last) this.#holdToTheEnd();
    return elements;
  }

  #keepAfter(text: string): void {
    this.#after += text;
    if (this.#after.length > LONGEST_ELEMENT) this.#refuse('more text after the array of records');
  }

  /** Whatever follows the array must close what it lies in, and hold no other records: none of it is read. */
  #holdToTheEnd(): void {
    if (/\[\s*[[{]/.test(this.#after)) this.#refuse('a second array of records after the first');
    try {
      JSON.parse(`${this.#before}[]${this.#after}`);
    } catch {
      this.#refuse('more text after the array of records');
    }
  }

  #finish(): JsonElement {
    const element = { text: this.#text.slice(this.#start, this.#at).trimEnd(), line: this.#startLine };
    this.#start = -1;
    return element;
  }

  /** Moves to after the bracket that opens the array of records. */
  #findArray(last: boolean): boolean {
    const text = this.#text;
    let inString = false;
    let empty = -1;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (inString) {
        if (code === BACKSLASH) at++;
        else if (code === QUOTE) inString = false;
        continue;
      }
      if (code === QUOTE) inString = true;
      if (code !== 0x5b) continue;
      const next = /^\s*(\S)/.exec(text.slice(at + 1, at + 1001))?.[1];
      if (next === undefined && !last) break;
      if (next === '{' || at === text.search(/\S/)) return this.#open(at);
      // `"errors": []` before the records is not them, unless nothing else is.
      if (next === ']' && empty < 0) empty = at;
    }
    if (last && empty >= 0) return this.#open(empty);
    if (last || text.length > LONGEST_ELEMENT) this.#refuse('it contains no array of records');
    return false;
  }

  #open(at: number): true {
    this.#line += this.#text.slice(0, at).split('\n').length - 1;
    this.#at = at + 1;
    this.#before = this.#text.slice(0, at);
    this.#found = true;
    return true;
  }

  #refuse(problem: string, line = this.#line): never {
    throw new FailureError({ code: 'FILE_JSON', fileName: this.#fileName, line, problem });
  }
}

/** Cuts JSON Lines into its lines; blank ones are none. */
export class JsonLines {
  readonly #fileName: string;
  #rest = '';
  #line = 1;
  blankLines = 0;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  push(piece: string, last: boolean): JsonElement[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = last ? '' : (lines.pop() ?? '');
    if (this.#rest.length > LONGEST_ELEMENT)
      throw new FailureError({
        code: 'FILE_JSON',
        fileName: this.#fileName,
        line: this.#line + lines.length,
        problem: 'a line without an end',
      });
    // What comes after the last line ending is a line only if something is on it.
    if (last && lines.at(-1) === '') lines.pop();
    const elements: JsonElement[] = [];
    for (const text of lines) {
      if (text.trim() === '') this.blankLines++;
      else elements.push({ text: text.trim(), line: this.#line });
      this.#line++;
    }
    return elements;
  }
}
