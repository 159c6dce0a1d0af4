import { z } from 'zod';

const Column = z.number().int().nonnegative();
const Columns = z.array(Column).min(1).max(5000);
const Text = z.string().max(2000);

/**
 * One thing done to every row that could be read, before anything is checked. Steps run in their order, each on what the
 * one before left; columns that a step makes come after all others. Regular expressions are RE2's.
 */
export const CleaningStep = z.discriminatedUnion('kind', [
  /** Spaces of every kind around the text, zero-width ones too. */
  z.object({ kind: z.literal('trim'), columns: Columns }),
  /** Runs of white space within the text become one space. */
  z.object({ kind: z.literal('collapse-spaces'), columns: Columns }),
  z.object({ kind: z.literal('change-case'), columns: Columns, to: z.enum(['upper', 'lower', 'title']) }),
  /** Every place where the pattern matches; an empty replacement strips. `\\1` stands for the first group. */
  z.object({
    kind: z.literal('replace-pattern'),
    columns: Columns,
    pattern: Text.min(1),
    replacement: Text,
    ignoreCase: z.boolean(),
  }),
  /** Every place where the text is found, letter by letter. */
  z.object({ kind: z.literal('find-replace'), columns: Columns, find: Text.min(1), replacement: Text }),
  /** Whole values. */
  z.object({
    kind: z.literal('map-values'),
    columns: Columns,
    values: z
      .array(z.object({ from: Text, to: Text }))
      .min(1)
      .max(500),
  }),
  z.object({ kind: z.literal('fill-blanks'), columns: Columns, value: Text.min(1) }),
  /** Makes a column for each name; the last takes all that is left. */
  z.object({ kind: z.literal('split'), column: Column, separator: Text.min(1), names: z.array(Text).min(2).max(20) }),
  /** Makes one column of several; blank values leave no separator behind. */
  z.object({ kind: z.literal('join'), columns: Columns, separator: Text, name: Text.min(1) }),
  /** Makes a column that is as another stands by then: one column of the file may fill several fields. */
  z.object({ kind: z.literal('copy'), column: Column, name: Text.min(1) }),
  /** Makes a column with one text in every row. */
  z.object({ kind: z.literal('constant'), value: Text.min(1), name: Text.min(1) }),
  /** Keeps the first of rows that are equal in every column. */
  z.object({ kind: z.literal('remove-duplicates') }),
]);
export type CleaningStep = z.infer<typeof CleaningStep>;

/** A cell typed over; null gives it back what it was. */
export const TypedCell = z.object({
  row: z.number().int().positive(),
  column: Column,
  value: z.string().max(400_000).nullable(),
});
export type TypedCell = z.infer<typeof TypedCell>;

export type CleaningKind = CleaningStep['kind'];

/** What a step would do, before it is taken. */
export const CleaningPreview = z.object({
  /** Cells that would change; for a step that makes columns, rows that get a value. */
  cells: z.number(),
  /** Rows that would change, or be taken out. */
  rows: z.number(),
  examples: z.array(
    z.object({ row: z.number(), line: z.number(), column: z.string(), before: z.string(), after: z.string() }),
  ),
});
export type CleaningPreview = z.infer<typeof CleaningPreview>;

/** Names of the columns a step makes. */
export function columnsMadeBy(step: CleaningStep): string[] {
  if (step.kind === 'split') return step.names;
  return 'name' in step ? [step.name] : [];
}

/** Columns a step names. */
export function columnsReadBy(step: CleaningStep): readonly number[] {
  if ('column' in step) return [step.column];
  return 'columns' in step ? step.columns : [];
}

/**
 * The steps without one of them. Columns that later steps name move up where it made some; a step that was about what it
 * made goes too, and with it whatever was made of that.
 */
export function withoutStep(steps: readonly CleaningStep[], gone: number, fileColumns: number): CleaningStep[] {
  return takeOut(steps, gone, fileColumns).kept;
}

/** Where each column is once a step is taken out, by where it was; null for those that go with it. */
export function placesWithoutStep(
  steps: readonly CleaningStep[],
  gone: number,
  fileColumns: number,
): (number | null)[] {
  const { before, after } = takeOut(steps, gone, fileColumns);
  return before.map((column) => {
    const place = after.indexOf(column);
    return place < 0 ? null : place;
  });
}

/** A column by what it is rather than where: the file's own by number, a made one by step and number. */
type ColumnKey = string;

function takeOut(
  steps: readonly CleaningStep[],
  gone: number,
  fileColumns: number,
): { kept: CleaningStep[]; before: ColumnKey[]; after: ColumnKey[] } {
  const before = Array.from({ length: fileColumns }, (_, column) => `file ${column}`);
  const after = [...before];
  const kept: CleaningStep[] = [];
  for (const [place, step] of steps.entries()) {
    const columns = columnsReadBy(step).map((column) => after.indexOf(before[column] ?? ''));
    const found = columns.filter((column) => column >= 0);
    const made = columnsMadeBy(step).map((_name, index) => `step ${place} ${index}`);
    before.push(...made);
    const stands = made.length > 0 ? found.length === columns.length : columns.length === 0 || found.length > 0;
    if (place === gone || !stands) continue;
    kept.push(withColumns(step, found));
    after.push(...made);
  }
  return { kept, before, after };
}

function withColumns(step: CleaningStep, columns: readonly number[]): CleaningStep {
  if ('column' in step) return { ...step, column: columns[0] ?? step.column };
  return 'columns' in step ? { ...step, columns: [...columns] } : step;
}
