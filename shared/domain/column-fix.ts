import { z } from 'zod';

/**
 * One thing that is done to the values of a column on their way to the org, kept with the mapping; the file stays as it is. Each is
 * a person's choice. They are kept in the order in which they were chosen; how they are applied does not depend on it (`ValueReader`).
 */
export const ColumnFix = z.discriminatedUnion('kind', [
  /** Numbers to the field's decimals. Without it they are sent whole, and Salesforce keeps them so. */
  z.object({ kind: z.literal('round') }),
  /** Text that is too long to the field's length. */
  z.object({ kind: z.literal('truncate') }),
  /** A text in the place of blank cells. */
  z.object({ kind: z.literal('fill'), text: z.string().min(1).max(131_072) }),
  /** Rows with this value, as it stands in the file, are not sent; blank stands for all that is blank. */
  z.object({ kind: z.literal('exclude'), value: z.string() }),
]);
export type ColumnFix = z.infer<typeof ColumnFix>;
