import { z } from 'zod';
import { CleaningStep } from './cleaning.ts';
import { FieldMapping } from './field-mapping.ts';

/** The version of `MappingFile` that is written; a file with a later one is of a Longshore that knows more. */
export const MAPPING_FILE_VERSION = 1;

/**
 * A mapping as a file of its own (`.json`), for another computer or for what runs unattended: whole, with formats, fixes and cleaning.
 * Column numbers in `cleaning` and `mapping` count the file's own columns, as `fileColumns` names them, and then those that steps made.
 */
export const MappingFile = z.object({
  kind: z.literal('longshore-mapping'),
  version: z.literal(MAPPING_FILE_VERSION),
  fileColumns: z.array(z.string()).max(5000),
  cleaning: z.array(CleaningStep).max(100),
  mapping: FieldMapping,
});
export type MappingFile = z.infer<typeof MappingFile>;

/** How much of a `.json` file tells whether it is a mapping, bytes. */
export const MAPPING_START = 200;

/** Whether a `.json` file that begins so is a mapping of ours, not rows: Longshore writes its kind first. */
export function beginsMapping(text: string): boolean {
  return /^\uFEFF?\s*\{\s*"kind"\s*:\s*"longshore-mapping"/.test(text);
}

/** Forms that a mapping is written in: ours, and Data Loader's, which knows fields and constants only. */
export const MappingForm = z.enum(['json', 'sdl']);
export type MappingForm = z.infer<typeof MappingForm>;

/** What of a mapping made before no longer fits the org or the file, and what became of it. */
export const MappingMisfit = z.discriminatedUnion('code', [
  /** The org has no such field any more, or the lookup leads elsewhere: the column fills nothing. */
  z.object({ code: z.literal('FIELD_GONE'), column: z.string(), field: z.string() }),
  /** The field can't be filled by this operation any more: the column fills nothing. */
  z.object({
    code: z.literal('FIELD_CLOSED'),
    column: z.string(),
    field: z.string(),
    why: z.enum(['formula', 'auto-number', 'system', 'compound', 'no-access']),
  }),
  /** The file lacks the column; nothing fills the field. */
  z.object({ code: z.literal('COLUMN_GONE'), column: z.string(), field: z.string() }),
  /** Columns that the mapping did not know. */
  z.object({ code: z.literal('COLUMNS_NEW'), columns: z.array(z.string()) }),
  /** A cleaning step about columns that the file lacks; it is not taken. */
  z.object({ code: z.literal('STEP_LOST'), step: CleaningStep }),
  /** The match field is gone, or can't be one any more. */
  z.object({ code: z.literal('MATCH_FIELD_GONE'), field: z.string() }),
  /** Two lines of a file fill one field: the later one does, and of a column and a constant the constant, as in Data Loader. */
  z.object({ code: z.literal('FIELD_TWICE'), column: z.string(), field: z.string() }),
  /** A constant without a text, or a line without a name before the “=”: it fills nothing. */
  z.object({ code: z.literal('NOTHING_TO_FILL'), field: z.string() }),
]);
export type MappingMisfit = z.infer<typeof MappingMisfit>;

/** What of a mapping would otherwise be left out without anybody there to see it. */
const STOPPING: ReadonlySet<MappingMisfit['code']> = new Set<MappingMisfit['code']>([
  'FIELD_GONE',
  'FIELD_CLOSED',
  'STEP_LOST',
  'MATCH_FIELD_GONE',
]);

/** Whether what does not fit of a mapping file keeps it from being used where nobody is asked. */
export function stopsLoad({ code }: MappingMisfit): boolean {
  return STOPPING.has(code);
}

/** What Data Loader's form has no words for; a file in our own form keeps it. */
export const MappingLoss = z.discriminatedUnion('code', [
  /** Formats, replacements and fixes of a column's values. */
  z.object({ code: z.literal('VALUES_LOST'), columns: z.array(z.string()) }),
  /** Cleaning, and columns that it makes other than by copying, joining with a comma, or one constant. */
  z.object({ code: z.literal('STEPS_LOST'), steps: z.number() }),
  /** A column that no line can name: its name has a comma, or is in quotation marks, or is empty, or is another column's too. */
  z.object({ code: z.literal('COLUMNS_LOST'), columns: z.array(z.string()) }),
  /** Lookups by fields that are no keys. */
  z.object({ code: z.literal('LOOKUPS_LOST'), columns: z.array(z.string()) }),
]);
export type MappingLoss = z.infer<typeof MappingLoss>;

/** A mapping brought to a file, the steps that it wants there, and what did not fit. */
export const FittedMapping = z.object({
  mapping: FieldMapping,
  cleaning: z.array(CleaningStep),
  misfits: z.array(MappingMisfit),
});
export type FittedMapping = z.infer<typeof FittedMapping>;

/** A mapping and the names of all columns it is of, in their order: what it is brought to other columns by. */
export const FormerMapping = z.object({ mapping: FieldMapping, names: z.array(z.string()).max(5000) });
export type FormerMapping = z.infer<typeof FormerMapping>;

/** A suggestion; where it is a mapping that was used before, with what of it no longer fits. */
export const SuggestedMapping = FieldMapping.extend({ misfits: z.array(MappingMisfit) });
export type SuggestedMapping = z.infer<typeof SuggestedMapping>;
