import { z } from 'zod';
import { FieldMapping, Operation } from './field-mapping.ts';
import { LoadId, OrgId, SourceId } from './ids.ts';
import { SourceChoice } from './source-file.ts';

/**
 * What a load did is taken back by ordinary loads, each with its own plan and report: changed records are set back to what they held
 * (`set-back`), records that it created or brought back are deleted (`remove`), records that it deleted come back from the Recycle Bin
 * (`undelete`), and those that are no longer there are created again from its backup, with Ids of their own (`recreate`).
 */
export const UndoWhat = z.enum(['set-back', 'remove', 'undelete', 'recreate']);
export type UndoWhat = z.infer<typeof UndoWhat>;

/** Rows of a load that can't be taken back, and why. */
export const NotUndone = z.object({
  why: z.enum([
    /** No result came of them: whether a record was created, and which, is not known. */
    'unknown',
    /** A record with their key was made while they were loaded, so what it held before is not known. */
    'raced',
    /** They deleted records that are no longer in the Recycle Bin, and of which there is no backup. */
    'deleted',
  ]),
  rows: z.number(),
});
export type NotUndone = z.infer<typeof NotUndone>;

/** What undoing a load takes; nothing is sent by asking. Steps are in the order in which they are to be loaded. */
export const UndoOffer = z.object({
  loadId: LoadId,
  orgId: OrgId,
  operation: Operation,
  steps: z.array(z.object({ what: UndoWhat, rows: z.number() })),
  notUndone: z.array(NotUndone),
});
export type UndoOffer = z.infer<typeof UndoOffer>;

/** One step, ready to be planned: its rows as a source that is still to be opened, and the mapping it is loaded by. */
export const PreparedUndo = z.object({
  orgId: OrgId,
  sourceId: SourceId,
  choice: SourceChoice,
  mapping: FieldMapping,
  /** Names of the source's columns. */
  names: z.array(z.string()),
});
export type PreparedUndo = z.infer<typeof PreparedUndo>;
