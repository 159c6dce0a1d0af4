import Papa from 'papaparse';
import type { SourceFormat, SourceNotice } from '../../../../shared/domain/source-file.ts';
import { FailureError } from '../../../../shared/contract/failure.ts';
import { marksText } from '../../tables/cell-marks.ts';
import { utf8Of } from '../../staging/text-decoder.ts';
import { unreadableCells } from '../byte-cells.ts';
import { goodRecord, type RecordSink, type SourceRecord } from '../source-record.ts';
import { flattenRecord } from './flatten.ts';
import { JsonElements, JsonLines, type JsonElement } from './json-elements.ts';

export type JsonFormat = Extract<SourceFormat, { kind: 'json' }>;

/** Salesforce takes at most this many fields a record (Bulk API limits). */
const MAX_COLUMNS = 5000;
const PREVIEW_ROWS = 100;

/** Whether text that is about to be read as CSV is JSON: records in braces, in an array or a line each. */
export function jsonLayoutOf(text: string): JsonFormat['layout'] | null {
  const start = text.trimStart();
  if (/^\[\s*(?:[[{]|\]|$)/.test(start)) return 'array';
  if (!/^\{\s*(?:"|\}|$)/.test(start)) return null;
  const [, firstLine = '', others = ''] = /^([^\n]*)\n?([^]*)$/.exec(start) ?? [];
  const { kind } = flattenRecord(firstLine);
  if (kind === 'repeated-key') return 'lines';
  if (kind !== 'record') return 'array';
  // A whole object on the first line is one of many, unless it is all there is and wraps the records.
  return others.trim() === '' && wrapsRecords(firstLine) ? 'array' : 'lines';
}

/** What APIs call the list of records in their answers. */
const LISTS = /^(?:records|results?|data|items?|values?|rows|entries|elements|content|list)$/i;

/** Whether an object is not a record but holds some: in a list of such a name, or with no text of its own beside a list. */
function wrapsRecords(text: string): boolean {
  if (/"records"\s*:\s*\[/.test(text)) return true;
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  const lists = entries.filter(([, value]) => Array.isArray(value) && value.some(isObject));
  const hasText = entries.some(([key, value]) => typeof value === 'string' && !key.startsWith('@'));
  return lists.length > 0 && (!hasText || lists.some(([key]) => LISTS.test(key)));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cutter(layout: JsonFormat['layout'], fileName: string): JsonElements | JsonLines {
  return layout === 'array' ? new JsonElements(fileName) : new JsonLines(fileName);
}

/** Columns in the order they are met, over as many records as are shown. */
export class JsonColumns {
  readonly #names = new Set<string>();
  readonly #nested = new Set<string>();
  readonly #paths = new Map<string, string>();
  readonly #together = new Set<string>();

  see(element: JsonElement): void {
    const flat = flattenRecord(element.text);
    if (flat.kind !== 'record') return;
    for (const name of flat.values.keys()) {
      this.#names.add(name);
      if (flat.nested && name.includes('.')) this.#nested.add(name);
    }
    for (const [name, path] of flat.paths) {
      const known = this.#paths.get(name);
      if (known === undefined) this.#paths.set(name, path);
      else if (known !== path) this.#together.add(name);
    }
    if (this.#names.size > MAX_COLUMNS)
      throw new FailureError({ code: 'FILE_TOO_MANY_COLUMNS', columns: this.#names.size });
  }

  get names(): string[] {
    return [...this.#names];
  }

  get notices(): SourceNotice[] {
    const nested = [...this.#nested];
    const together = [...this.#together];
    return [
      ...(nested.length === 0
        ? []
        : [{ code: 'NESTED_FLATTENED' as const, columns: nested.slice(0, 5), count: nested.length }]),
      ...(together.length === 0
        ? []
        : [{ code: 'DOTTED_AND_NESTED' as const, columns: together.slice(0, 5), count: together.length }]),
    ];
  }
}

/** The first records of JSON text, as far as the sample goes. Throws `FILE_JSON`. */
export function openJson(
  sample: string,
  whole: boolean,
  layout: JsonFormat['layout'],
  fileName: string,
): { columns: JsonColumns; records: SourceRecord[] } {
  const elements = cutter(layout, fileName).push(sample, whole);
  const columns = new JsonColumns();
  for (const element of elements) columns.see(element);
  const { names } = columns;
  return { columns, records: elements.slice(0, PREVIEW_ROWS).map((element) => toRecord(element, names)) };
}

/** Every column of the file: a key may be met in its last record first. */
export async function findJsonColumns(
  text: AsyncIterable<{ text: string; last: boolean }>,
  layout: JsonFormat['layout'],
  fileName: string,
  columns: JsonColumns,
): Promise<void> {
  const elements = cutter(layout, fileName);
  for await (const piece of text) for (const element of elements.push(piece.text, piece.last)) columns.see(element);
}

export async function readJsonRecords(
  text: AsyncIterable<{ text: string; last: boolean; fileBytes: number }>,
  layout: JsonFormat['layout'],
  fileName: string,
  columns: readonly string[],
  sink: RecordSink,
  settle: (bytes: number) => Promise<void>,
): Promise<void> {
  const elements = cutter(layout, fileName);
  for await (const piece of text) {
    for (const element of elements.push(piece.text, piece.last)) sink.record(toRecord(element, columns));
    await settle(piece.fileBytes);
  }
  if (elements instanceof JsonLines) for (let n = 0; n < elements.blankLines; n++) sink.blankLine();
}

const PROBLEMS = { broken: 'BROKEN_JSON', 'not-an-object': 'NOT_AN_OBJECT', 'repeated-key': 'REPEATED_KEY' } as const;

function toRecord({ text, line }: JsonElement, columns: readonly string[]): SourceRecord {
  const flat = flattenRecord(text);
  if (flat.kind === 'record') {
    const cells = columns.map((name) => flat.values.get(name) ?? '');
    // A lone surrogate stands for bytes that are no text, or was written as an escape, which is no character either (RFC 8259, 8.2).
    const { unreadable, problem, problemColumn } = unreadableCells(cells, (cell) => !cell.isWellFormed());
    const { numbers } = flat;
    const marks = marksText([
      ...columns.flatMap((name, column) => (numbers.has(name) ? [['number', column] as const] : [])),
      ...unreadable.map((column) => ['unreadable', column] as const),
    ]);
    if (problem === null) return goodRecord(line, cells, marks);
    return { line, cells: cells.map(shown), problem, problemColumn, original: asCsv(cells), marks };
  }
  return {
    line,
    cells: [shown(text)],
    problem: PROBLEMS[flat.kind],
    problemColumn: null,
    original: asCsv([text]),
  };
}

/** What could not be read as it is shown in all files: as U+FFFD. */
function shown(cell: string): string {
  return cell.toWellFormed();
}

/** How a record of JSON stands in a result file, which is CSV: what could not be read is nothing that can be there either. */
function asCsv(cells: string[]): Buffer {
  return utf8Of(Papa.unparse([cells]));
}
