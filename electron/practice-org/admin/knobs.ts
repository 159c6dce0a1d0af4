import { z } from 'zod';

/** How the org behaves as a whole; the admin port and the command line set them while it runs. */
export const Knobs = z.strictObject({
  /** Added to every answer, milliseconds. */
  latency: z.number().nonnegative().max(600_000).default(0),
  /** Rows a second a bulk job is worked at; 0 is as fast as it goes. */
  rowsPerSecond: z.number().nonnegative().default(0),
  /** Milliseconds between UploadComplete and InProgress. */
  queueDelay: z.number().nonnegative().default(0),
  /** Milliseconds after a job was closed for which it is still shown as Open, as real orgs do; it is worked on meanwhile. */
  commitLatency: z.number().nonnegative().default(0),
  /** Milliseconds that the org's clock is ahead: stamps, dates of jobs, and the `Date` of answers. */
  clockOffset: z.number().default(0),
  /**
   * Milliseconds that transactions work before what they save is seen: records are stamped when that begins ("Maximum execution time for each
   * Apex transaction: 10 minutes", Apex Developer Guide, "Execution Governors and Limits").
   */
  transactionTime: z.number().nonnegative().max(600_000).default(0),
  /** A text field, as `Account.Phone`, in which a trigger writes whatever is saved in capitals; none while it is empty. */
  rewriteField: z.string().max(255).default(''),
  /** Milliseconds before the end asked for up to which updated and deleted records are known (`latestDateCovered`). */
  latestDateCovered: z.number().nonnegative().default(0),
  /** The delete log was purged just now: what was deleted before can't be asked for (REST API Developer Guide, "sObject Get Deleted"). */
  deleteLogPurge: z.boolean().default(false),
  /** Data storage that the org has, in MB. */
  storageMB: z.number().int().nonnegative().default(1024),
  /** Rows of a Bulk API 2.0 job that are one internal batch. */
  batchSize: z.number().int().positive().max(10_000).default(10_000),
  /** Result files in no order, as the guide warns; off gives them in the order of the upload. */
  shuffleResults: z.boolean().default(true),
  /** Records in a page of a query job's results, unless the caller asks for fewer. */
  bulkQueryPage: z.number().int().positive().default(50_000),
  /** Records in a page of a REST query. */
  restQueryPage: z.number().int().min(1).max(2000).default(2000),
  /** API calls in 24 hours. */
  apiLimit: z.number().int().nonnegative().default(100_000),
  /** Calls an access token is good for; 0 for ever. */
  expireTokenAfter: z.number().int().nonnegative().default(0),
  rotateRefreshTokens: z.boolean().default(false),
  /**
   * Batches of a Bulk API 2.0 job that are worked on at once: a parent that one of them has locked is not free for the rows of another. 1
   * is one after another.
   */
  batchesAtOnce: z.number().int().positive().max(100).default(1),
  /** Rows lock the records of lookups that keep these from being deleted as well, not only their masters. */
  lockParents: z.boolean().default(false),
  /** Every n-th row meets UNABLE_TO_LOCK_ROW; 0 for none. */
  lockRowEvery: z.number().int().nonnegative().default(0),
  /** A trigger meets that, of other records, and its own exception tells of it (CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY). */
  lockRowInTrigger: z.boolean().default(false),
  /** A job fails after so many rows and leaves the others unprocessed; 0 for never. */
  failJobAfterRows: z.number().int().nonnegative().default(0),
  duplicateRules: z.boolean().default(false),
  /** Ids of records that sharing hides from everybody who asks by an API; triggers, roll-ups and rules see them. */
  hiddenRecords: z.array(z.string()).max(1000).default([]),
  /** Apps that are not installed are refused for everybody, as since September 2025. */
  connectedAppBlocked: z.boolean().default(false),
  /** The consumer secret of every app; any is taken while there is none. */
  consumerSecret: z.string().default(''),
  /** Whether the org allows the OAuth username-password flow, which new orgs do not since Summer '23. */
  passwordFlow: z.boolean().default(true),
  /** Whether apps have a user to run as in the client credentials flow. */
  clientCredentialsUser: z.boolean().default(true),
  /** Whom the assertions of the JWT bearer flow have to be for; anybody while it is empty. */
  jwtAudience: z.string().default(''),
  /** How fast an upload is taken, bytes a second; 0 is as fast as it comes. */
  uploadBytesPerSecond: z.number().nonnegative().default(0),
  /** What the org says of itself: an `Organization` of this edition, as a sandbox or a trial where these are set. */
  organizationType: z.string().max(40).default('Developer Edition'),
  isSandbox: z.boolean().default(false),
  trialExpirationDate: z.iso.datetime().nullable().default(null),
  /** Hours that events can be replayed for. */
  replayHours: z.number().positive().default(72),
});
export type Knobs = z.infer<typeof Knobs>;

/** Salesforce's limits as `limits` answers them, and what of them is used (limits.ts counts). */
export const DAILY_BULK_BATCHES = 15_000;
export const DAILY_QUERY_JOBS = 10_000;
export const DAILY_BULK_ROWS = 150_000_000;
