import { z } from 'zod';
import { MergeCell } from '../../../shared/domain/merge.ts';

/** A record as it was when the plan was made: every field that can be read. */
export const FactRecord = z.object({
  id: z.string(),
  createdAt: z.string(),
  modifiedAt: z.string(),
  stamp: z.string(),
  values: z.record(z.string(), MergeCell),
  /** How many records point at it, by `Object.Field`. */
  children: z.record(z.string(), z.number()),
});
export type FactRecord = z.infer<typeof FactRecord>;

/** One line of a plan's file: the records of a group. */
export const GroupFacts = z.object({ group: z.number(), records: z.array(FactRecord).min(2) });
export type GroupFacts = z.infer<typeof GroupFacts>;

export const MergeFieldInfo = z.object({
  name: z.string(),
  label: z.string(),
  /** What is decided together: the compound address that it is a part of, else itself. */
  unit: z.string(),
  /** Whether a merge may give the master another value. */
  settable: z.boolean(),
  /** Whether it can be set back. */
  updateable: z.boolean(),
  referenceTo: z.array(z.string()),
});
export type MergeFieldInfo = z.infer<typeof MergeFieldInfo>;

/** A lookup by which records of other objects, or of the same one, hang from those that are merged. */
export const ChildLookup = z.object({
  objectName: z.string(),
  labelPlural: z.string(),
  field: z.string(),
  /** Whether it can be set back. */
  updateable: z.boolean(),
});
export type ChildLookup = z.infer<typeof ChildLookup>;

export const lookupKey = ({ objectName, field }: Pick<ChildLookup, 'objectName' | 'field'>): string =>
  `${objectName}.${field}`;
