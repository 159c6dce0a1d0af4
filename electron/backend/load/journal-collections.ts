import { z } from 'zod';
import { Digest } from '../../../shared/domain/ids.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import type { PartStand } from './part-state.ts';

const Part = z.number().int().positive();
/** From 1, within a part. */
const Collection = z.number().int().positive();

/**
 * Rows of a part from one number to another, both included; or only `rows` of them, which are sent once more because somebody else was
 * at their records.
 */
const RowRange = z.object({
  from: z.number(),
  to: z.number(),
  rows: z.array(z.number()).min(1).max(COLLECTION_ROWS).optional(),
});
export type RowRange = z.infer<typeof RowRange>;

/** What is written of a part whose rows go out as sObject Collections, before and after each. `SENDING` is its commit point. */
export const CollectionSteps = [
  z.object({ step: z.literal('SENDING'), part: Part, collection: Collection, ...RowRange.shape }),
  /** The org took none of it: it was told no as a whole, or was not reached. It will be sent again. */
  z.object({ step: z.literal('REFUSED'), part: Part, collection: Collection }),
  /** What the org said of each row lies on disk, as it was recorded. */
  z.object({ step: z.literal('ANSWERED'), part: Part, collection: Collection, sha256: Digest }),
  /** What the org made of it was never heard. It is not sent again; its rows are looked up. */
  z.object({ step: z.literal('UNANSWERED'), part: Part, collection: Collection }),
  /** Every row of the part has its outcome. */
  z.object({ step: z.literal('SETTLED'), part: Part, processed: z.number(), failed: z.number() }),
] as const;
type CollectionStep = z.infer<(typeof CollectionSteps)[number]>;

/** A collection that was sent, and its answer's digest; null for one that was never answered. */
export type SentCollection = RowRange & { readonly sha256: Digest | null };

export type CollectionStand =
  | { readonly at: 'SENDING'; readonly rows: RowRange; readonly collections: readonly SentCollection[] }
  | { readonly at: 'SENT'; readonly collections: readonly SentCollection[] }
  | {
      readonly at: 'SETTLED';
      readonly collections: readonly SentCollection[];
      readonly processed: number;
      readonly failed: number;
    };

/** The collections that were sent so far; null if a part has taken another way. */
export function sentCollections(stand: PartStand): readonly SentCollection[] | null {
  if (stand.at === 'PLANNED') return [];
  return 'collections' in stand ? stand.collections : null;
}

/** The last row of a part that was sent at all. */
export function lastRow(collections: readonly SentCollection[]): number {
  return collections.reduce((last, { to }) => Math.max(last, to), 0);
}

/** Where a part comes to by a step of its own; null if it cannot be there. */
export function afterCollection(stand: PartStand, step: CollectionStep): PartStand | null {
  const collections = sentCollections(stand);
  if (collections === null) return null;
  if (step.step === 'SETTLED') {
    const { processed, failed } = step;
    return stand.at === 'SENT' || stand.at === 'SETTLED' ? { at: 'SETTLED', collections, processed, failed } : null;
  }
  if (step.collection !== collections.length + 1) return null;
  if (step.step === 'SENDING') {
    const { from, to, rows } = step;
    const isNext = rows ? to <= lastRow(collections) : from > lastRow(collections);
    return isNext && to >= from && (stand.at === 'PLANNED' || stand.at === 'SENT')
      ? { at: 'SENDING', rows: { from, to, ...(rows ? { rows } : {}) }, collections }
      : null;
  }
  if (stand.at !== 'SENDING') return null;
  if (step.step === 'REFUSED') return collections.length === 0 ? { at: 'PLANNED' } : { at: 'SENT', collections };
  const sha256 = step.step === 'ANSWERED' ? step.sha256 : null;
  return { at: 'SENT', collections: [...collections, { ...stand.rows, sha256 }] };
}
