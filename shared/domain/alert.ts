import { z } from 'zod';

/** What is told of a job. */
export const AlertCondition = z.enum([
  /** A run broke off before its load, or could not begin. */
  'failed',
  /** More rows of a load failed than may. */
  'rows-failed',
  /** A run waits for a yes or a no. */
  'held',
  /** It does so because its file or its plan is far from what is usual. */
  'deviation',
  /** No run has gone well for too long. */
  'no-success',
  /** A run has gone well after one of these was told. */
  'recovered',
]);
export type AlertCondition = z.infer<typeof AlertCondition>;

/** What a person calls a channel; no two of a data folder have one name, in whatever case. */
export const ChannelName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^\P{Cc}*$/u);

/** What of a job is told, and where. */
export const JobAlert = z
  .object({
    /** The name of a channel of the data folder: what is secret of it lies there, and not in a job. */
    channel: ChannelName,
    on: z.array(AlertCondition).min(1).max(AlertCondition.options.length),
    /** With `rows-failed`: so many rows, or so many of a hundred that were sent; absent, both: any row. */
    failedRows: z.number().int().min(1).optional(),
    failedPercent: z.number().min(0).max(100).optional(),
    /** With `no-success`. */
    noSuccessHours: z.number().min(1).max(8760).optional(),
    /** What Salesforce says of failed rows goes along: it may name values of records. */
    withRecords: z.boolean().optional(),
  })
  // How long is too long can't be guessed.
  .refine(({ on, noSuccessHours }) => !on.includes('no-success') || noSuccessHours !== undefined, {
    path: ['noSuccessHours'],
  });
export type JobAlert = z.infer<typeof JobAlert>;

export const ChannelId = z
  .string()
  .regex(/^channel_[a-z0-9]{16}$/)
  .brand<'ChannelId'>();
export type ChannelId = z.infer<typeof ChannelId>;

const Address = z
  .string()
  .max(320)
  .regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/);

/** How alerts leave: without what is secret of it, which is in the vault. */
export const ChannelWay = z.discriminatedUnion('kind', [
  /** `host` is what may be shown of its address: the rest of it is often the secret. */
  z.object({ kind: z.literal('webhook'), shape: z.enum(['generic', 'slack']), host: z.string().max(255) }),
  z.object({
    kind: z.literal('mail'),
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    /** Encrypted from the start, or from a command on (which must be there), or not at all: only on this computer. */
    security: z.enum(['tls', 'starttls', 'none']),
    user: z.string().max(320).nullable(),
    from: Address,
    to: z.array(Address).min(1).max(20),
  }),
  /** A notification of the desktop, while the app is open there. */
  z.object({ kind: z.literal('desktop') }),
]);
export type ChannelWay = z.infer<typeof ChannelWay>;

export const AlertChannel = z.object({ channelId: ChannelId, name: ChannelName, way: ChannelWay });
export type AlertChannel = z.infer<typeof AlertChannel>;

/** One alert, as it leaves. */
export interface Alert {
  readonly condition: AlertCondition | 'test';
  readonly job: string;
  readonly org: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly runId: string | null;
  readonly loadId: string | null;
  /** By what became of them; null before there is anything. */
  readonly counts: Readonly<Record<string, number>> | null;
  readonly at: number;
}
