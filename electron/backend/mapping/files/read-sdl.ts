import { columnsMadeBy, type CleaningStep } from '../../../../shared/domain/cleaning.ts';
import type { ColumnMapping, FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { freeName, newColumn } from '../../../../shared/domain/made-columns.ts';
import type { FittedMapping, MappingMisfit } from '../../../../shared/domain/mapping-file.ts';
import { fieldNamed } from '../../../../shared/domain/sobject.ts';
import { columnLabel } from '../../../../shared/text/counts.ts';
import { RESULT_COLUMNS } from '../find-target.ts';
import { withoutStale, type Described } from '../fit-mapping.ts';
import { suggestMatchField } from '../suggest-mapping.ts';
import { readProperties } from './java-properties.ts';
import { parseField } from './parse-field.ts';

/** A line of a Data Loader mapping: what is on the left, and the fields it fills; none for a column that is left out. */
export interface SdlLine {
  readonly source: { readonly kind: 'columns' | 'constant'; readonly text: string };
  readonly fields: readonly string[];
}

/** What Data Loader puts between the values of columns that fill one field together (`LoadMapper.mapData` in its source). */
export const JOINED_BY = ', ';

/**
 * The lines of an `.sdl` file (Data Loader Guide, "Map Columns"; `Mapper` and `LoadMapper` in its source): a constant is in quotation
 * marks, fields stand apart by commas, and so do columns. Null for what is none: HTML, binary, a CSV.
 */
export function readSdl(text: string): SdlLine[] | null {
  if (/^\s*</.test(text) || text.includes('\0')) return null;
  const lines = readProperties(text.replace(/^\uFEFF/, '')).map(({ key, value }): SdlLine => {
    const isConstant = key.length >= 2 && key.startsWith('"') && key.endsWith('"');
    return {
      source: { kind: isConstant ? 'constant' : 'columns', text: isConstant ? key.slice(1, -1) : key },
      fields: listOf(value),
    };
  });
  return lines.some(({ fields }) => fields.some((field) => /^[\w:.-]+$/.test(field))) ? lines : null;
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** What lines are brought to: the columns there are and the steps that made some of them, and the mapping that the rest is kept of. */
export interface SdlPlace {
  readonly columns: readonly string[];
  readonly cleaning: readonly CleaningStep[];
  readonly mapping: FieldMapping;
  readonly described: Described;
}

/** Brings a Data Loader mapping to a file and an org. What is more than one column for one field is made by cleaning steps. */
export function fitSdl(lines: readonly SdlLine[], place: SdlPlace): FittedMapping {
  const made = new SdlColumns(place);
  // Constants come last: in Data Loader they go over what a column gave (`LoadMapper.mapData`).
  for (const line of lines) if (line.source.kind === 'columns') made.addColumns(line);
  for (const line of lines) if (line.source.kind === 'constant') made.addConstant(line);
  return made.fitted();
}

class SdlColumns {
  readonly #place: SdlPlace;
  readonly #names: string[];
  readonly #steps: CleaningStep[];
  readonly #entries = new Map<number, ColumnMapping>();
  readonly #known = new Set<number>();
  readonly #misfits: MappingMisfit[] = [];

  constructor(place: SdlPlace) {
    this.#place = place;
    this.#names = [...place.columns];
    this.#steps = [...place.cleaning];
  }

  addColumns({ source, fields }: SdlLine): void {
    const columns = this.#columnsOf(source.text);
    if (columns === null) {
      for (const field of fields) {
        this.#misfits.push(
          source.text === '' ? { code: 'NOTHING_TO_FILL', field } : { code: 'COLUMN_GONE', column: source.text, field },
        );
      }
      return;
    }
    for (const column of columns) this.#known.add(column);
    const [first] = columns;
    if (fields.length === 0 || first === undefined) return;
    let column = first;
    if (columns.length > 1 && fields.every((field) => this.#holdsText(field))) {
      const name = columns.map((one) => this.#names[one] ?? '').join(' + ');
      column = this.#make({ kind: 'join', columns, separator: JOINED_BY, name });
    }
    for (const field of fields) this.#fill(column, field);
  }

  addConstant({ source, fields }: SdlLine): void {
    for (const field of fields) {
      if (source.text.trim() === '') {
        this.#misfits.push({ code: 'NOTHING_TO_FILL', field });
        continue;
      }
      const target = parseField(field, this.#place.described);
      const label = target && fieldNamed(this.#place.described.describe, target.field)?.label;
      this.#fill(this.#make({ kind: 'constant', value: source.text, name: label ?? field }), field);
    }
  }

  fitted(): FittedMapping {
    const { mapping, cleaning, columns, described } = this.#place;
    const all = this.#names.map((name, index) => ({ index, name }));
    const entries = all.map(({ index, name }): ColumnMapping => {
      const isResult = RESULT_COLUMNS.has(name.toLowerCase());
      return (
        this.#entries.get(index) ?? {
          ...newColumn(index, { kind: 'ignored' }),
          reason: isResult ? 'result-column' : 'no-match',
        }
      );
    });
    const filled = entries.flatMap(({ target }) => (target.kind === 'field' ? [target.field] : []));
    const { operation, matchField } = mapping;
    const keeps = matchField !== null && filled.includes(matchField);
    const matched = keeps ? matchField : suggestMatchField(described.describe, operation, filled);
    const fitted = withoutStale({ ...mapping, matchField: matched, columns: entries }, described, all);
    // Columns that are there but in no line; those that earlier steps made are not the file's to name.
    const unnamed = columns
      .slice(0, columns.length - cleaning.flatMap(columnsMadeBy).length)
      .flatMap((name, index) =>
        this.#known.has(index) || RESULT_COLUMNS.has(name.toLowerCase()) ? [] : [columnLabel(name, index)],
      );
    if (unnamed.length > 0) this.#misfits.push({ code: 'COLUMNS_NEW', columns: unnamed });
    return { mapping: fitted.mapping, cleaning: this.#steps, misfits: [...this.#misfits, ...fitted.misfits] };
  }

  /** The columns that a line names; null if one of them is not there. A name with a comma may be one column's whole. */
  #columnsOf(text: string): number[] | null {
    const at = (name: string) => this.#names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
    if (at(text) >= 0) return [at(text)];
    const columns = listOf(text).map(at);
    return columns.length === 0 || columns.includes(-1) ? null : columns;
  }

  /** Only texts are joined: for any other field Data Loader takes the first of the columns (`Mapper.processCompositeDaoColName`). */
  #holdsText(field: string): boolean {
    const type = fieldNamed(this.#place.described.describe, field)?.type;
    return type === 'string' || type === 'textarea';
  }

  #fill(column: number, field: string): void {
    const target = parseField(field, this.#place.described);
    if (!target) {
      this.#misfits.push({ code: 'FIELD_GONE', column: columnLabel(this.#names[column], column), field });
      return;
    }
    for (const entry of this.#entries.values()) {
      if (entry.target.kind === 'ignored' || entry.target.field !== target.field) continue;
      const loser = columnLabel(this.#names[entry.column], entry.column);
      this.#misfits.push({ code: 'FIELD_TWICE', column: loser, field: target.field });
      this.#entries.set(entry.column, newColumn(entry.column, { kind: 'ignored' }));
    }
    const free = this.#entries.has(column)
      ? this.#make({ kind: 'copy', column, name: `${this.#names[column] ?? ''} again` })
      : column;
    this.#entries.set(free, { ...newColumn(free, target), reason: 'file' });
  }

  /** The column of a step; of one that was already there, if it fills nothing yet. */
  #make(step: Extract<CleaningStep, { name: string }>): number {
    let column = this.#place.columns.length - this.#place.cleaning.flatMap(columnsMadeBy).length;
    for (const one of this.#steps) {
      if (isSame(one, step) && !this.#entries.has(column)) return column;
      column += columnsMadeBy(one).length;
    }
    const name = freeName(step.name, this.#names);
    this.#steps.push({ ...step, name });
    this.#names.push(name);
    return this.#names.length - 1;
  }
}

/** Whether two steps make the same column, whatever they call it. */
function isSame(one: CleaningStep, other: Extract<CleaningStep, { name: string }>): boolean {
  return 'name' in one && JSON.stringify({ ...one, name: '' }) === JSON.stringify({ ...other, name: '' });
}
