import { z } from 'zod';
import { SourceRowNumber } from './ids.ts';
import { ComparedThing, ResemblanceReason } from './resemblance.ts';

/** What becomes of rows that resemble one another: all are sent, or one of them, or the first with its blanks filled from the others. */
export const SimilarKeep = z.enum(['all', 'first', 'last', 'newest', 'merge']);
export type SimilarKeep = z.infer<typeof SimilarKeep>;

const Place = z.number().int().nonnegative();

/** In bits over even odds: 0 is as likely as not, 10 a thousand to one. */
const Weight = z.number().min(-200).max(200);

/** Rows that would make new records are compared with one another. */
export const SimilarBy = z.object({
  /** Places of mapped columns in which rows are to be alike. */
  columns: z.array(Place).min(1).max(10),
  /** Places of mapped columns in which they are to be equal, and not blank. */
  equal: z.array(Place).max(10).default([]),
  keep: SimilarKeep.default('all'),
  /** Place of the column that says when a row was written. */
  newestBy: Place.optional(),
  /** From which weight on; absent: as the model has it. */
  threshold: Weight.optional(),
});
export type SimilarBy = z.infer<typeof SimilarBy>;

/** What a person decides of one group: as a rule would, or that one of its rows is sent alone. */
export const SimilarChoice = z.union([SimilarKeep, SourceRowNumber]);
export type SimilarChoice = z.infer<typeof SimilarChoice>;

/** What is changed of a plan's similar rows; what is absent stays. */
export const SimilarChange = z.object({
  threshold: Weight.optional(),
  keep: SimilarKeep.optional(),
  newestBy: Place.optional(),
  /** A group by all its rows; `choice` null takes a decision back. */
  group: z
    .object({ rows: z.array(SourceRowNumber).min(2).max(10_000), choice: SimilarChoice.nullable() })
    .refine(({ rows, choice }) => typeof choice !== 'number' || rows.includes(choice), 'a row of the group')
    .optional(),
});
export type SimilarChange = z.infer<typeof SimilarChange>;

/** What a plan says of the rows that resemble one another. */
export const SimilarSummary = z.object({
  threshold: z.number(),
  keep: SimilarKeep,
  newestBy: Place.nullable(),
  groups: z.number(),
  /** In these groups, and of them those that another row stands for. */
  rows: z.number(),
  replaced: z.number(),
  /** Groups of which a person decided by themselves. */
  chosen: z.number(),
  /** Of values that very many share, so many pairs were not looked at. */
  capped: z.array(z.object({ rule: z.string(), pairs: z.number(), lookedAt: z.number() })),
});
export type SimilarSummary = z.infer<typeof SimilarSummary>;

/** One row of a group, side by side with the others. */
export const SimilarRow = z.object({
  row: SourceRowNumber,
  /** Its values in the columns that rows are compared in, as they are sent. */
  values: z.array(z.string()),
  what: z.enum(['sent', 'replaced', 'merged', 'notSent']),
  /** The row of the group that it resembles the most, and why; null for the first one, which the others are bound to. */
  bond: z.object({ row: SourceRowNumber, weight: z.number(), reasons: z.array(ResemblanceReason) }).nullable(),
});
export type SimilarRow = z.infer<typeof SimilarRow>;

export const SimilarGroup = z.object({
  /** All rows of the group, by which it is named. */
  all: z.array(SourceRowNumber),
  /** The first of them. */
  rows: z.array(SimilarRow),
  choice: SimilarChoice.nullable(),
  /** It is to be the newest row, and it can't be told which that is: all are sent. */
  undecided: z.boolean(),
  /** The row that stands for the others because something was decided of it as it resembles a record; null where a rule chooses. */
  resembles: SourceRowNumber.nullable().default(null),
});
export type SimilarGroup = z.infer<typeof SimilarGroup>;

/** A page of groups, and what other thresholds would find. */
export const SimilarPage = z.object({
  /** Columns whose values the rows show, as the plan names their fields. */
  fields: z.array(z.string()),
  /** What is compared in columns, by the labels of their fields: names of reasons. */
  things: z.partialRecord(ComparedThing, z.string()),
  groups: z.array(SimilarGroup),
  total: z.number(),
  counts: z.array(z.object({ threshold: z.number(), pairs: z.number(), rows: z.number() })),
});
export type SimilarPage = z.infer<typeof SimilarPage>;
