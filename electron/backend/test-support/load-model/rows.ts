import { onlyNames, type ColumnMapping, type FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { trimmed, type Kept } from './cells.ts';
import type { RowSpec, Sequence } from './sequence.ts';
import type { Table } from './tables.ts';

/** A row of the file, with what it may do to the org. */
export interface ModelRow {
  readonly number: number;
  /** Every cell of the file, as text. */
  readonly cells: readonly string[];
  /** What is in the org at each path once the row is in. */
  readonly kept: readonly { readonly path: string; readonly kept: Kept }[];
  /** Rows with the same one are about the same record; null where each stands for itself. */
  readonly about: string | null;
  /** The record it is about, if that was there before. */
  readonly existingId: string | null;
  /** Why it may not be sent, or be refused. */
  readonly excuse: 'ragged' | 'bad value' | 'no record' | null;
}

export interface ModelFile {
  readonly text: string;
  readonly rows: readonly ModelRow[];
  readonly mapping: FieldMapping;
  /** Paths that are read back. */
  readonly paths: readonly string[];
}

export function keyOf(run: string, at: number): string {
  return `${run}-Key${at}`;
}

export function seedMarker(run: string, at: number): string {
  return `${run} before ${at}`;
}

/** The other way to write a key, or a record id. */
function respelt(key: string, byId: boolean): string {
  return byId ? key.slice(0, 15) : key.toUpperCase();
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Whether the rows name their records by Id. */
function namesById({ operation }: Sequence): boolean {
  return operation !== 'insert' && operation !== 'upsert';
}

/** The file of a sequence, and what each of its rows stands for. `ids` are those of the records made before it. */
export function makeFile(sequence: Sequence, table: Table, run: string, ids: readonly string[]): ModelFile {
  const byId = namesById(sequence);
  const keyed = byId || sequence.operation === 'upsert' || sequence.keyed;
  const keyPath = byId ? 'Id' : table.keyField;
  const rows: ModelRow[] = [];
  const made: { key: string; id: string | null; marker: string; cells: readonly string[] }[] = [];
  for (const [index, spec] of sequence.rows.entries()) {
    const { key, id, marker, cells } = resolve(sequence, table, run, ids, made, spec, index);
    made.push({ key, id, marker, cells });
    rows.push(modelRow(sequence, table, spec, { key, id, marker, cells, keyed, byId, number: index + 1 }));
  }
  const header = [
    ...(sequence.numbered ? ['n'] : []),
    ...(keyed ? [keyPath] : []),
    ...(table.markerField === null ? [] : [table.markerField]),
    ...table.columns.map((column) => column.header),
  ];
  // A file of one column would lose its blank rows to the reader of blank lines.
  if (header.length === 1) header.push('note');
  const lines = rows.map((row) => row.cells.map(csvCell).join(','));
  return {
    text: [header.join(','), ...lines, ''].join(sequence.lineEnding),
    rows,
    mapping: mappingOf(sequence, table, header, keyPath, keyed),
    paths: [
      table.keyField,
      ...(table.markerField === null ? [] : [table.markerField]),
      ...table.columns.map(({ path }) => path),
    ],
  };
}

function resolve(
  sequence: Sequence,
  table: Table,
  run: string,
  ids: readonly string[],
  made: readonly { key: string; id: string | null; marker: string; cells: readonly string[] }[],
  spec: RowSpec,
  index: number,
): { key: string; id: string | null; marker: string; cells: readonly string[] } {
  const byId = namesById(sequence);
  const own = { key: `${run}-new${index}`, id: null, marker: `${run} "row" ${index}, ü`, cells: spec.cells };
  switch (spec.subject.kind) {
    case 'new':
      return own;
    case 'missing':
      return { ...own, key: byId ? `${(ids[0] ?? '').slice(0, 3)}PR0000000ZZZ` : own.key };
    case 'existing': {
      const { at, otherSpelling, asItIs } = spec.subject;
      const id = ids[at] ?? null;
      const key = byId ? (id ?? '') : keyOf(run, at);
      return {
        key: otherSpelling ? respelt(key, byId) : key,
        id: !byId && otherSpelling && table.keyCaseSensitive ? null : id,
        marker: asItIs ? seedMarker(run, at) : own.marker,
        cells: asItIs ? table.seedCells : spec.cells,
      };
    }
    case 'repeat': {
      const { back, sameCells, otherSpelling } = spec.subject;
      const earlier = made[index - back];
      if (earlier === undefined) return own;
      if (sequence.operation === 'insert' && !sequence.keyed && !sameCells) return own;
      const key = otherSpelling ? respelt(earlier.key, byId) : earlier.key;
      const sameRecord = byId || !table.keyCaseSensitive || key === earlier.key;
      return {
        key,
        id: sameRecord ? earlier.id : null,
        marker: sameCells ? earlier.marker : own.marker,
        cells: sameCells ? earlier.cells : spec.cells,
      };
    }
  }
}

function modelRow(
  sequence: Sequence,
  table: Table,
  spec: RowSpec,
  of: {
    key: string;
    id: string | null;
    marker: string;
    cells: readonly string[];
    keyed: boolean;
    byId: boolean;
    number: number;
  },
): ModelRow {
  const bad = table.columns.some(({ cell }, at) => cell.bad(of.cells[at] ?? ''));
  const cells = [
    ...(sequence.numbered ? [String(of.number)] : []),
    ...(of.keyed ? [of.key] : []),
    ...(table.markerField === null ? [] : [of.marker]),
    ...of.cells,
  ];
  if (cells.length === 1) cells.push('x');
  if (spec.ragged) cells.push('stray');
  const folded = of.byId ? of.key.slice(0, 15) : table.keyCaseSensitive ? of.key : of.key.toLowerCase();
  const noRecord = of.byId && of.id === null;
  return {
    number: of.number,
    cells,
    kept: [
      ...(of.keyed && !of.byId ? [{ path: table.keyField, kept: { kind: 'value', value: of.key } as Kept }] : []),
      ...(table.markerField === null
        ? []
        : [{ path: table.markerField, kept: { kind: 'value', value: trimmed(of.marker) } as Kept }]),
      ...table.columns.map(({ path, cell }, at) => ({ path, kept: cell.kept(of.cells[at] ?? '') })),
    ],
    about: of.keyed ? folded : null,
    existingId: of.id,
    excuse: spec.ragged
      ? 'ragged'
      : noRecord
        ? 'no record'
        : bad && !onlyNames(sequence.operation)
          ? 'bad value'
          : null,
  };
}

function mappingOf(
  sequence: Sequence,
  table: Table,
  header: readonly string[],
  keyPath: string,
  keyed: boolean,
): FieldMapping {
  const format = { dateOrder: 'ymd', decimal: 'point' } as const;
  const columns = header.map((name, column): ColumnMapping => {
    const own = table.columns.find((candidate) => candidate.header === name)?.target;
    const isField = (keyed && name === keyPath) || name === table.markerField;
    const target = own ?? (isField ? { kind: 'field' as const, field: name } : { kind: 'ignored' as const });
    return { column, target, reason: 'chosen', format, replacements: {}, fixes: [] };
  });
  return {
    objectName: table.objectName,
    operation: sequence.operation,
    matchField: sequence.operation === 'insert' ? null : keyPath,
    columns,
    blankValues: sequence.blankValues,
    duplicateKeys: sequence.duplicateKeys,
    ...(sequence.way ? { policies: { way: sequence.way } } : {}),
  };
}
