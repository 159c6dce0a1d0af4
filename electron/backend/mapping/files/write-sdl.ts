import type { CleaningStep } from '../../../../shared/domain/cleaning.ts';
import { mappedColumns, type FieldMapping, type MappedColumn } from '../../../../shared/domain/field-mapping.ts';
import { makerOf } from '../../../../shared/domain/made-columns.ts';
import type { MappingLoss } from '../../../../shared/domain/mapping-file.ts';
import { fieldNamed, type SObjectDescribe } from '../../../../shared/domain/sobject.ts';
import { columnLabel } from '../../../../shared/text/counts.ts';
import { writeProperties } from './java-properties.ts';
import { JOINED_BY } from './read-sdl.ts';

interface Written {
  readonly mapping: FieldMapping;
  /** All columns, those that steps made after the file's own. */
  readonly columns: readonly string[];
  readonly fileColumns: number;
  readonly cleaning: readonly CleaningStep[];
  readonly describe: SObjectDescribe;
}

/** A mapping in Data Loader's form, which knows fields, constants and little more; what it has no words for is told. */
export function writeSdl(written: Written): { text: string; losses: MappingLoss[] } {
  const { mapping, columns, fileColumns, cleaning } = written;
  const nameOf = (column: number) => columnLabel(columns[column], column);
  const lines = new Map<string, string[]>();
  const [unnamed, unfound]: [string[], string[]] = [[], []];
  for (const entry of mappedColumns(mapping)) {
    const source = sourceOf(entry.column, entry.target, written);
    const field = fieldText(entry.target);
    if (field === null) unfound.push(nameOf(entry.column));
    else if (source === null) unnamed.push(nameOf(entry.column));
    else lines.set(source, [...(lines.get(source) ?? []), field]);
  }
  // As Data Loader writes them: a column that is left out has a line of its own.
  for (let column = 0; column < fileColumns; column += 1) {
    const name = lineName(column, columns);
    if (name !== null && !lines.has(name)) lines.set(name, []);
  }
  const changed = mapping.columns.filter(
    ({ format, replacements, fixes, target }) =>
      Object.keys(format).length + Object.keys(replacements).length + fixes.length > 0 ||
      (target.kind === 'field' && target.ids !== undefined),
  );
  const lostSteps = cleaning.filter((step) => !isSaid(step, columns)).length;
  const losses: MappingLoss[] = [];
  if (changed.length > 0) losses.push({ code: 'VALUES_LOST', columns: changed.map(({ column }) => nameOf(column)) });
  if (lostSteps > 0) losses.push({ code: 'STEPS_LOST', steps: lostSteps });
  if (unnamed.length > 0) losses.push({ code: 'COLUMNS_LOST', columns: unnamed });
  if (unfound.length > 0) losses.push({ code: 'LOOKUPS_LOST', columns: unfound });
  const properties = [...lines].map(([key, fields]) => ({ key, value: fields.join(', ') }));
  return { text: writeProperties(properties, 'Mapping values'), losses };
}

/** What a line calls a column, or null: commas part columns there, quotation marks make a constant, and names are all there is. */
function lineName(column: number, columns: readonly string[]): string | null {
  const name = columns[column] ?? '';
  const same = columns.filter((one) => one.toLowerCase() === name.toLowerCase());
  const isPlain = name.trim() === name && name !== '' && !name.includes(',') && !/^".*"$/s.test(name);
  return isPlain && same.length === 1 ? name : null;
}

function isSaid(step: CleaningStep, columns: readonly string[]): boolean {
  if (step.kind === 'join') {
    return step.separator === JOINED_BY && step.columns.every((column) => lineName(column, columns) !== null);
  }
  return step.kind === 'copy' || (step.kind === 'constant' && step.value.trim() !== '');
}

/** The left side of a column's line; null where there are no words for it. */
function sourceOf(column: number, target: MappedColumn['target'], written: Written): string | null {
  const { columns, fileColumns, cleaning, describe } = written;
  const made = makerOf(column, cleaning, fileColumns)?.step;
  if (!made) return lineName(column, columns);
  if (made.kind === 'copy') return sourceOf(made.column, target, written);
  if (made.kind === 'constant') return made.value.trim() === '' ? null : `"${made.value}"`;
  const type = target.kind === 'field' ? fieldNamed(describe, target.field)?.type : undefined;
  // For fields of other types Data Loader takes the first of the columns alone.
  if (made.kind !== 'join' || !isSaid(made, columns) || (type !== 'string' && type !== 'textarea')) return null;
  return made.columns.map((one) => columns[one]).join(',');
}

function fieldText(target: MappedColumn['target']): string | null {
  if (target.kind === 'found') return null;
  if (target.kind === 'field') return target.field;
  return `${target.relationshipName}:${target.parentObject}-${target.parentField}`;
}
