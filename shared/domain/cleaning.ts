import { z } from 'zod';

const Column = z.number().int().nonnegative();
const Text = z.string().max(2000);

/** Steps that name columns in some way: by their places, or, where they outlive a file, by their names. */
function stepsOver<C extends z.ZodType>(Column: C) {
  const Columns = z.array(Column).min(1).max(5000);
  return z.discriminatedUnion('kind', [
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
}

/**
 * One thing done to every row that could be read, before anything is checked. Steps run in their order, each on what the
 * one before left; columns that a step makes come after all others. Regular expressions are RE2's.
 */
export const CleaningStep = stepsOver(Column);
export type CleaningStep = z.infer<typeof CleaningStep>;

/** A column by its name; of several with one name (in whatever case) the `nth`, from 2 on. */
export const ColumnName = z.union([
  z.string().max(2000),
  z.object({ name: z.string().max(2000), nth: z.number().int().min(2).max(5000) }),
]);
export type ColumnName = z.infer<typeof ColumnName>;

/** A step that names its columns. */
export const NamedStep = stepsOver(ColumnName);
export type NamedStep = z.infer<typeof NamedStep>;

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
  return takeOut(steps, gone, fileColumns).steps;
}

/** Where each column is once a step is taken out, by where it was; null for those that go with it. */
export function placesWithoutStep(
  steps: readonly CleaningStep[],
  gone: number,
  fileColumns: number,
): readonly (number | null)[] {
  return takeOut(steps, gone, fileColumns).places;
}

function takeOut(steps: readonly CleaningStep[], gone: number, fileColumns: number): CarriedSteps {
  const same = Array.from({ length: fileColumns }, (_, column) => column);
  return carrySteps(steps, same, fileColumns, (place) => place !== gone);
}

/** Steps as they are for other columns than they were made for. */
interface CarriedSteps {
  readonly steps: CleaningStep[];
  /** Where each column is by then, those of the file and those that steps made, by where it was; null for one that is not there. */
  readonly places: (number | null)[];
  /** The steps that are about columns that are not there. */
  readonly lost: CleaningStep[];
}

/**
 * Brings steps to a file that has the columns at other places, or lacks some: `places` says where each is. A step goes on with the
 * columns there are, but one that makes a column needs all that it makes it of. `isKept` takes out more, by their place.
 */
export function carrySteps(
  steps: readonly CleaningStep[],
  places: readonly (number | null)[],
  fileColumns: number,
  isKept: (place: number) => boolean = () => true,
): CarriedSteps {
  const carried: CarriedSteps = { steps: [], places: [...places], lost: [] };
  let next = fileColumns;
  for (const [place, step] of steps.entries()) {
    const columns = columnsReadBy(step).map((column) => carried.places[column] ?? null);
    const found = columns.filter((column) => column !== null);
    const made = columnsMadeBy(step).length;
    const fits = made > 0 ? found.length === columns.length : columns.length === 0 || found.length > 0;
    const stands = isKept(place) && fits;
    if (stands) carried.steps.push(withColumns(step, found));
    else if (isKept(place)) carried.lost.push(step);
    for (let index = 0; index < made; index += 1) carried.places.push(stands ? next + index : null);
    if (stands) next += made;
  }
  return carried;
}

function withColumns(step: CleaningStep, columns: readonly number[]): CleaningStep {
  if ('column' in step) return { ...step, column: columns[0] ?? step.column };
  return 'columns' in step ? { ...step, columns: [...columns] } : step;
}
