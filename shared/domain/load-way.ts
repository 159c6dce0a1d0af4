import { z } from 'zod';

/**
 * How rows go to the org: as Bulk API 2.0 jobs, for any number of rows; as Bulk API 1.0 jobs of one batch each, in the order of the file and
 * one after another; or as sObject Collections of 200, each answered at once. Only the last can say more of a save than the rows do.
 */
export const LoadWay = z.enum(['bulk', 'bulk-1', 'collections']);
export type LoadWay = z.infer<typeof LoadWay>;

/** What a person chooses of it: one of them, or whichever fits the load. */
export const ChosenWay = z.enum([...LoadWay.options, 'automatic']);
export type ChosenWay = z.infer<typeof ChosenWay>;

/**
 * Why Longshore chose a way: for few rows, or many; for rows of an insert, which nothing identifies if an answer is lost; or for rows
 * that would be in each other's way if batches of them were saved at the same time.
 */
export const WayReason = z.enum(['few-rows', 'many-rows', 'no-key', 'locks']);
export type WayReason = z.infer<typeof WayReason>;

/** The way that rows go; without a reason where it was not Longshore's to choose. */
export const Sending = z.object({ way: LoadWay, because: WayReason.nullable() });
export type Sending = z.infer<typeof Sending>;
