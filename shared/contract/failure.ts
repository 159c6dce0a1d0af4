import { z } from 'zod';
import { LoadId } from '../domain/ids.ts';
import { DocumentProblem, JobFileProblem } from '../domain/job.ts';
import { SessionTrouble, SfProblem } from '../domain/org.ts';

/** Where a load is paused by it; what else it ends has sent nothing. */
const PAUSED = z.literal(true).optional();

/**
 * Everything that is expected to go wrong, by code and with facts only. `text/failure-text.ts` turns each into
 * what happened / what was and was not saved / what to do next. Anything else is a bug.
 */
export const Failure = z.discriminatedUnion('code', [
  // source
  z.object({ code: z.literal('FILE_EMPTY'), fileName: z.string() }),
  z.object({ code: z.literal('FILE_HEADER_ONLY'), fileName: z.string(), columns: z.number() }),
  z.object({ code: z.literal('FILE_NOT_TEXT'), fileName: z.string(), looksLike: z.string(), advice: z.string() }),
  z.object({
    code: z.literal('FILE_ARCHIVE'),
    fileName: z.string(),
    problem: z.enum(['several', 'nothing', 'encrypted', 'damaged', 'bomb']),
    entries: z.array(z.string()),
  }),
  z.object({ code: z.literal('FILE_QUOTE_NEVER_CLOSED'), fileName: z.string(), line: z.number() }),
  z.object({ code: z.literal('FILE_HEADER_BROKEN'), fileName: z.string(), line: z.number() }),
  z.object({ code: z.literal('FILE_TOO_MANY_COLUMNS'), columns: z.number() }),
  z.object({ code: z.literal('FILE_UNREADABLE'), fileName: z.string(), reason: z.string() }),
  z.object({ code: z.literal('FILE_IS_FOLDER') }),
  /** Grew: its rows are there, and may be planned with a yes (`plan.build`). Otherwise they would be of several files. */
  z.object({
    code: z.literal('FILE_CHANGED_WHILE_READ'),
    fileName: z.string(),
    change: z.enum(['grew', 'shrank', 'replaced']),
  }),
  z.object({
    code: z.literal('FILE_SEVERAL'),
    fileNames: z.array(z.string()),
    /** The first that does not have the columns of the one before all: those it lacks and those it has besides. */
    difference: z.object({ fileName: z.string(), missing: z.array(z.string()), extra: z.array(z.string()) }),
  }),
  z.object({
    code: z.literal('FILE_WORKBOOK'),
    fileName: z.string(),
    problem: z.enum(['bomb', 'damaged', 'encrypted', 'no-header', 'no-sheet']),
    sheet: z.string(),
  }),
  z.object({ code: z.literal('FILE_JSON'), fileName: z.string(), line: z.number(), problem: z.string() }),
  z.object({ code: z.literal('CLEANING_REFUSED'), what: z.string(), problem: z.string() }),
  z.object({ code: z.literal('SOURCE_UNKNOWN') }),
  z.object({ code: z.literal('SOURCE_NOT_STAGED') }),
  // org
  z.object({ code: z.literal('ORG_UNKNOWN') }),
  /**
   * `why` where it is not the org that ended it, but its secret that can't be read here. `via` sf: the session is the official
   * CLI's, which alone renews it.
   */
  z.object({
    code: z.literal('ORG_SESSION_EXPIRED'),
    username: z.string(),
    why: SessionTrouble.optional(),
    via: z.literal('sf').optional(),
  }),
  z.object({ code: z.literal('SIGN_IN_REFUSED'), error: z.string(), description: z.string() }),
  z.object({ code: z.literal('SIGN_IN_NEEDS_APPROVAL'), description: z.string() }),
  z.object({ code: z.literal('SIGN_IN_TIMED_OUT'), minutes: z.number() }),
  z.object({ code: z.literal('SIGN_IN_NO_PORT'), ports: z.array(z.number()) }),
  z.object({ code: z.literal('SIGN_IN_NEEDS_CLIENT_ID') }),
  z.object({
    code: z.literal('LOGIN_URL_INVALID'),
    value: z.string(),
    /** `host`: an address that is none of Salesforce's. */
    why: z.enum(['shape', 'host']).optional(),
  }),
  /** Signed in as somebody else than the one whose session was to go on. */
  z.object({ code: z.literal('SIGN_IN_OTHER_USER'), wanted: z.string(), got: z.string() }),
  z.object({ code: z.literal('TOKEN_INVALID') }),
  /** A private key that can't be read, or is none. `reason` is the system's own code, or ''. */
  z.object({ code: z.literal('KEY_FILE_UNREADABLE'), fileName: z.string(), reason: z.string() }),
  z.object({ code: z.literal('SF_ORG_UNUSABLE'), username: z.string(), problem: SfProblem }),
  z.object({ code: z.literal('ORG_UNREACHABLE'), host: z.string(), reason: z.string() }),
  z.object({ code: z.literal('ORG_REFUSED'), status: z.number(), errorCode: z.string(), message: z.string() }),
  z.object({ code: z.literal('ORG_ANSWER_UNREADABLE'), status: z.number(), what: z.string() }),
  z.object({ code: z.literal('ORG_API_LIMIT'), message: z.string() }),
  z.object({ code: z.literal('ORG_REDIRECT_REFUSED'), host: z.string() }),
  /** The org is set to read-only in Longshore: no load is started or resumed there. */
  z.object({ code: z.literal('ORG_READ_ONLY'), org: z.string() }),
  z.object({ code: z.literal('OBJECT_UNKNOWN'), object: z.string() }),
  z.object({ code: z.literal('PRACTICE_ORG_FAILED'), reason: z.string() }),
  // plan and load
  z.object({ code: z.literal('MAPPING_BLOCKED'), problems: z.number() }),
  /** `newer`: a mapping of a later version of Longshore. */
  z.object({ code: z.literal('MAPPING_FILE_UNREADABLE'), fileName: z.string(), newer: z.boolean() }),
  /** Data Loader's mapping files that came together. */
  z.object({ code: z.literal('MAPPING_FILES_SEVERAL'), files: z.number() }),
  /** `other`: an approval, of another plan or of this one before it was changed. */
  z.object({ code: z.literal('APPROVAL_UNUSABLE'), fileName: z.string(), why: z.enum(['unreadable', 'other']) }),
  z.object({ code: z.literal('PLAN_UNKNOWN') }),
  z.object({
    code: z.literal('PLAN_STALE'),
    why: z.enum(['digest', 'describe', 'used', 'drift']),
    rows: z.number(),
  }),
  z.object({ code: z.literal('PLAN_EMPTY') }),
  /** A load into production wants the number of its changes, or the org's name, typed; one that deletes for good `wanted`, in any org. */
  z.object({
    code: z.literal('CONFIRMATION_NEEDED'),
    org: z.string(),
    changes: z.number(),
    deletes: z.number(),
    wanted: z.string().optional(),
  }),
  /** The user lacks the permission “Bulk API Hard Delete”. */
  z.object({ code: z.literal('HARD_DELETE_NOT_ALLOWED'), org: z.string() }),
  /** The load takes at least `needed` API calls; of the `remaining` ones it may use `percent` without being asked. */
  z.object({
    code: z.literal('API_BUDGET'),
    needed: z.number(),
    remaining: z.number(),
    percent: z.number(),
    /** A paused load: some of it may have been sent. */
    resuming: z.literal(true).optional(),
  }),
  /** The load needs more of a limit than the org has left. */
  z.object({
    code: z.literal('ORG_LIMIT'),
    limit: z.enum(['DailyBulkApiBatches', 'DataStorageMB']),
    needed: z.number(),
    remaining: z.number(),
  }),
  /** Told to take everything back, the org kept these records, by their ids. */
  z.object({ code: z.literal('REHEARSAL_WROTE'), records: z.array(z.string()) }),
  /** It can't be made sure that the org would take everything back. */
  z.object({ code: z.literal('REHEARSAL_UNSAFE') }),
  z.object({ code: z.literal('LOAD_UNKNOWN') }),
  z.object({ code: z.literal('MERGE_UNKNOWN') }),
  z.object({ code: z.literal('LOAD_NOT_RESUMABLE') }),
  /** What a load did can't be told before each of its rows has an outcome. */
  z.object({ code: z.literal('LOAD_NOT_FINISHED') }),
  /** A load has no rows that a step of its undo would take back. */
  z.object({ code: z.literal('UNDO_EMPTY') }),
  /** Nothing of the load's second step can be tried once more. */
  z.object({ code: z.literal('LOAD_COMPLETE') }),
  /** pid 0: who has it could not be read. */
  z.object({ code: z.literal('LOAD_OPEN_ELSEWHERE'), pid: z.number(), host: z.string() }),
  /** Longshore ended while the load ran. */
  z.object({ code: z.literal('LOAD_INTERRUPTED') }),
  /** By a person. */
  z.object({ code: z.literal('LOAD_PAUSED') }),
  z.object({ code: z.literal('LOAD_STATE_UNKNOWN'), jobId: z.string() }),
  /** Asked again and again to close or abort a job, the org says yes and does not. */
  z.object({ code: z.literal('JOB_DOES_NOT_FOLLOW'), jobId: z.string(), asked: z.enum(['close', 'abort']) }),
  /** The record of what was sent does not say reliably what was: line 0 is the whole file. */
  z.object({
    code: z.literal('JOURNAL_DAMAGED'),
    problem: z.enum(['checksum', 'version', 'order', 'missing', 'unreadable', 'cut-off', 'other-load']),
    line: z.number(),
  }),
  /** A database, or a file written for a load, is not what was written. */
  z.object({ code: z.literal('DATA_DAMAGED'), what: z.string() }),
  /** A database that another process has open; pid 0: which one could not be read. */
  z.object({ code: z.literal('DATA_OPEN_ELSEWHERE'), what: z.string(), pid: z.number() }),
  z.object({ code: z.literal('DISK_FULL'), what: z.string() }),
  /** `reason` is the system's own code, such as EROFS or EACCES. */
  z.object({ code: z.literal('DISK_REFUSED'), what: z.string(), reason: z.string() }),
  /**
   * A finished file could not be put where the person wanted it. `place` is what the person knows it by: the path they gave, or the
   * file's name. `reason` is the system's own code.
   */
  z.object({
    code: z.literal('FILE_NOT_SAVED'),
    place: z.string(),
    why: z.enum(['in-use', 'folder-gone', 'not-allowed', 'disk-full', 'other']),
    reason: z.string(),
  }),
  /** The process that rows are worked on in ended in the middle of it; the next request starts it again. */
  z.object({ code: z.literal('STAGING_STOPPED'), paused: PAUSED }),
  z.object({ code: z.literal('STAGING_OUT_OF_MEMORY'), paused: PAUSED }),
  // jobs
  /** A document that Longshore keeps; `name` is that of its file. It stays as it is. */
  z.object({ code: z.literal('DOCUMENT_UNREADABLE'), what: z.string(), name: z.string(), problem: DocumentProblem }),
  z.object({ code: z.literal('JOB_FILE_UNREADABLE'), fileName: z.string(), problems: z.array(JobFileProblem) }),
  z.object({ code: z.literal('JOB_UNKNOWN') }),
  z.object({ code: z.literal('JOB_NAME_TAKEN'), name: z.string() }),
  /** Another process runs the job; pid 0: which one could not be read. */
  z.object({ code: z.literal('JOB_RUNNING'), name: z.string(), pid: z.number(), host: z.string() }),
  /** Nobody is signed in to the org that a job is for, as the user that it names. */
  z.object({ code: z.literal('JOB_ORG_MISSING'), organization: z.string(), username: z.string() }),
  /** A job was to run in another organization than its own. */
  z.object({ code: z.literal('JOB_OTHER_ORG'), name: z.string(), organization: z.string(), org: z.string() }),
  /** A job that a person has paused was to be run; `at` in milliseconds. */
  z.object({ code: z.literal('JOB_PAUSED'), name: z.string(), at: z.number() }),
  z.object({ code: z.literal('CHANNEL_UNKNOWN'), name: z.string() }),
  /** An alert channel whose messages could be read on their way, or whose address is none. */
  z.object({
    code: z.literal('CHANNEL_REFUSED'),
    why: z.enum(['address', 'webhook-open', 'mail-open']),
    host: z.string(),
  }),
  /** `reason` is short, and has nothing secret in it. */
  z.object({ code: z.literal('ALERT_NOT_SENT'), channel: z.string(), reason: z.string() }),
  /** No file of a job's folder, told by its name, matches. */
  z.object({ code: z.literal('JOB_NO_FILE'), folder: z.string(), pattern: z.string() }),
  z.object({ code: z.literal('RUN_UNKNOWN') }),
  /** A run is not held, or held without a plan that could be approved, or was to be shown only. */
  z.object({ code: z.literal('RUN_NOT_HELD'), why: z.enum(['not-held', 'no-plan', 'shown']) }),
  /** A run of the job was interrupted while it loaded, and has not been continued. */
  z.object({ code: z.literal('RUN_OPEN'), name: z.string(), loadId: LoadId }),
  // shell
  z.object({ code: z.literal('CANCELLED') }),
  z.object({ code: z.literal('NOT_SUPPORTED'), what: z.string(), instead: z.string() }),
  z.object({ code: z.literal('CONNECTION_LOST') }),
  /** More than is taken at once: `limit` is in bytes. */
  z.object({ code: z.literal('REQUEST_TOO_LARGE'), limit: z.number() }),
  /** A dropped file of another size than its window said: both in bytes. */
  z.object({ code: z.literal('UPLOAD_NOT_WHOLE'), fileName: z.string(), stated: z.number(), arrived: z.number() }),
  z.object({ code: z.literal('BAD_REQUEST'), where: z.string(), problem: z.string() }),
  /** `log` is where it is written whole, with the person's own folder as ~; empty where nothing could be written. */
  z.object({ code: z.literal('BUG'), incidentId: z.string(), log: z.string() }),
]);
export type Failure = z.infer<typeof Failure>;
export type FailureCode = Failure['code'];

/** Carries an expected failure through promise chains inside one process; crosses only as `failure`. */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.name = 'FailureError';
    this.failure = failure;
  }
}

export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };
