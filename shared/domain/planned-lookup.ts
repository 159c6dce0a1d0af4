import { z } from 'zod';

/** What a lookup that is found beforehand came to in a plan, in rows. Rows that are not sent for it are told as problems. */
export const PlannedLookup = z.object({
  /** Place of the source's column. */
  column: z.number(),
  field: z.string(),
  /** What was looked for and by what, in a person's words. */
  parent: z.string(),
  parentField: z.string(),
  secondField: z.string().optional(),
  found: z.number(),
  /** Loaded without the value, for nothing was found. */
  without: z.number(),
  /** Given the oldest of several. */
  oldest: z.number(),
  /** Given a user who is not active. */
  inactive: z.number(),
  /** Given the record of a row of the same file, once it has one. */
  inFile: z.number().optional(),
  apiCalls: z.number(),
});
export type PlannedLookup = z.infer<typeof PlannedLookup>;

/** How many of a column's distinct values, or pairs of them, would find their parent; counted while a lookup is chosen. */
export const LookupCoverage = z.object({
  parent: z.string(),
  parentField: z.string(),
  secondField: z.string().optional(),
  values: z.number(),
  /** In the org. */
  found: z.number(),
  /** Not in the org, but rows of the same file, whose records are made by the same load. */
  inFile: z.number(),
  several: z.number(),
  inactive: z.number(),
  none: z.number(),
  /** Ids that no query finds: of objects that this user can't query, and that of the master record type. */
  unasked: z.number(),
  /** The first few values that find nothing, as they stand in the file. */
  misses: z.array(z.string()),
  apiCalls: z.number(),
});
export type LookupCoverage = z.infer<typeof LookupCoverage>;

/** A lookup that a column may be meant for: of its values that were tried so many stand in a unique field of the parent. */
export const LookupOffer = z.object({
  column: z.number(),
  field: z.string(),
  parentObject: z.string(),
  parentField: z.string(),
  /** In a person's words. */
  parent: z.string(),
  parentFieldLabel: z.string(),
  tried: z.number(),
  found: z.number(),
});
export type LookupOffer = z.infer<typeof LookupOffer>;
