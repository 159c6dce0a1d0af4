import { z } from 'zod';
import { LoadId } from './ids.ts';

/** What a load takes on disk, in bytes: its records, its rows, its result files. */
export const LoadStorage = z.object({ loadId: LoadId, bytes: z.number() });
export type LoadStorage = z.infer<typeof LoadStorage>;

/** What of a load its snapshot does not tell. */
export const LoadDetails = z.object({
  /** What each column of the file filled, in the file's order; null where it was not loaded. */
  columns: z.array(z.object({ name: z.string(), field: z.string().nullable() })),
  cleaningSteps: z.number(),
  /** Whether the file that it was of can be opened again. */
  hasFile: z.boolean(),
});
export type LoadDetails = z.infer<typeof LoadDetails>;
