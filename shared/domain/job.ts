import { z } from 'zod';
import { JobAlert } from './alert.ts';
import { ColumnName, NamedStep } from './cleaning.ts';
import { ColumnFix } from './column-fix.ts';
import { FieldMapping, MappingTarget, Operation, ValueFormat, WritePolicies } from './field-mapping.ts';
import { ApiName, JobId, OrgId } from './ids.ts';
import { JobGuards } from './job-guards.ts';
import { JobSchedule } from './job-schedule.ts';
import { ResemblingRule } from './prepared-load.ts';
import { ApiBudgetPercent } from './settings.ts';
import { SimilarBy, SimilarKeep } from './similar-rows.ts';
import { FieldTypeName } from './sobject.ts';
import { SourceChoice } from './source-file.ts';
import { SyncRules } from './sync.ts';

/** The version of a job's file that is written; a file with a later one is of a Longshore that knows more. */
export const JOB_FILE_VERSION = 1;
export const JOB_FILE_KIND = 'longshore-job';
/** The most that a job's file may have, bytes: one of 5,000 columns has about half of that. */
export const MOST_JOB_FILE = 1_000_000;

/** What a person calls a job; no two of a data folder have one name, in whatever case. */
export const JobName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  // A name is shown in a line of its own, and a control character could write over others.
  .regex(/^\P{Cc}*$/u);

const Path = z.string().min(1).max(4096);

/** Where the rows come from: looked for anew with each run. Of what crosses the contract, paths are but the names at their ends. */
export const JobSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: Path }),
  /** Files with the same columns, as one. */
  z.object({ kind: z.literal('files'), paths: z.array(Path).min(1).max(1000) }),
  /** Files of a folder whose names match, by name: `*` stands for any text, `?` for one character. All of them as one, or the latest. */
  z.object({
    kind: z.literal('folder'),
    folder: Path,
    pattern: z.string().min(1).max(255),
    take: z.enum(['all', 'newest']),
  }),
]);
export type JobSource = z.infer<typeof JobSource>;

/** Which org a job is for. A run is refused another organization, whoever is signed in there. */
export const JobOrg = z.object({ organization: OrgId, username: z.string().min(1).max(300) });
export type JobOrg = z.infer<typeof JobOrg>;

const [, FieldTarget, LookupTarget, FoundTarget] = MappingTarget.options;

/** What a column fills: a field by its API name, or, where there is more to say of it, that. */
const Fills = z.union([
  ApiName,
  z.discriminatedUnion('kind', [
    FieldTarget.required(),
    LookupTarget,
    FoundTarget.extend({ and: z.object({ parentField: ApiName, column: ColumnName }).nullable() }),
  ]),
]);
export type Fills = z.infer<typeof Fills>;

export const JobColumn = z.object({
  column: z.string().max(2000),
  /** Absent: the column is not loaded. */
  fills: Fills.optional(),
  /** The type that the field had when the job was saved: a run is held where it has another one. */
  type: FieldTypeName.optional(),
  /** How many characters it took then. */
  length: z.number().int().positive().optional(),
  /** It was a picklist that took any value then. */
  anyValue: z.literal(true).optional(),
  format: ValueFormat.optional(),
  /** Whole values, as they stand in the file, and what is sent for them. */
  replace: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
  fixes: z.array(ColumnFix).max(10_000).optional(),
  neverOverwrite: z.boolean().optional(),
});
export type JobColumn = z.infer<typeof JobColumn>;

const ColumnNames = z.array(ColumnName);

/** What a job is: all that an ordinary load is told, with columns by their names. It holds no secrets. */
export const JobDefinition = z.object({
  name: JobName,
  org: JobOrg,
  source: JobSource,
  /** How its files are read, where that is not to be found out. */
  read: SourceChoice.optional(),
  object: ApiName,
  operation: Operation,
  matchField: ApiName.nullable(),
  /** The columns of its file, in their order. */
  columns: z.array(JobColumn).min(1).max(5000),
  cleaning: z.array(NamedStep).max(100).optional(),
  /** The columns that cleaning makes, in the order of its steps. */
  madeColumns: z.array(JobColumn).max(5000).optional(),
  blankValues: FieldMapping.shape.blankValues,
  repeated: z.object({
    keep: FieldMapping.shape.duplicateKeys,
    newestBy: ColumnName.optional(),
    by: ColumnNames.min(1).max(10).optional(),
  }),
  similar: z
    .object({
      by: ColumnNames.min(1).max(10),
      equal: ColumnNames.max(10).optional(),
      keep: SimilarKeep,
      newestBy: ColumnName.optional(),
      threshold: SimilarBy.shape.threshold,
    })
    .optional(),
  policies: WritePolicies.optional(),
  /** What becomes of new rows that resemble records; absent: they are not looked for. */
  resembling: ResemblingRule.optional(),
  /** In the place of the settings' own. */
  apiBudgetPercent: ApiBudgetPercent.optional(),
  /** Those that are not the usual ones. */
  guards: JobGuards.partial().optional(),
  shownFields: FieldMapping.shape.shownFields,
  /** Absent: an ordinary load, of all rows each time. */
  sync: SyncRules.optional(),
  /** When it runs by itself; absent: only by hand. */
  schedule: JobSchedule.optional(),
  /** What is told of it, and where. */
  alerts: z.array(JobAlert).max(20).optional(),
});
export type JobDefinition = z.infer<typeof JobDefinition>;

export const Job = z.object({
  jobId: JobId,
  createdAt: z.number(),
  changedAt: z.number(),
  /** Since when it has been paused: it doesn't run by itself then. Not part of what is exported; null where it is not paused. */
  paused: z.object({ at: z.number() }).nullable().default(null),
  definition: JobDefinition,
});
export type Job = z.infer<typeof Job>;

/** Why a document can't be used: it is damaged, of a later version of Longshore, or the disk does not give it. */
export const DocumentProblem = z.enum(['damaged', 'newer', 'unreadable']);
export type DocumentProblem = z.infer<typeof DocumentProblem>;

export const JobList = z.object({
  jobs: z.array(Job),
  /** Jobs that can't be read, by the names of their files in the data folder's `jobs`. They are kept. */
  unreadable: z.array(z.object({ name: z.string(), problem: DocumentProblem })),
});
export type JobList = z.infer<typeof JobList>;

/** What of a load has no place in a job. */
export const JobLoss = z.discriminatedUnion('code', [
  /** Cells that were typed over are of one file. */
  z.object({ code: z.literal('TYPED_CELLS'), cells: z.number() }),
  /** What was decided of single groups of duplicates is of one file, too. */
  z.object({ code: z.literal('ROW_CHOICES'), groups: z.number() }),
]);
export type JobLoss = z.infer<typeof JobLoss>;

/** One thing that is wrong in a job's file: the line, the place in it, what stands there, and which rule it breaks. */
export const JobFileProblem = z.object({
  /** From 1; 0 for the whole file. */
  line: z.number(),
  where: z.string(),
  value: z.string(),
  rule: z.discriminatedUnion('kind', [
    /** No YAML, as its parser says. */
    z.object({ kind: z.literal('yaml'), message: z.string() }),
    z.object({ kind: z.literal('not-a-job') }),
    z.object({ kind: z.literal('newer'), version: z.number() }),
    z.object({ kind: z.literal('too-large'), bytes: z.number() }),
    z.object({ kind: z.literal('missing') }),
    z.object({ kind: z.literal('unknown-key') }),
    z.object({ kind: z.literal('one-of'), values: z.array(z.string()) }),
    z.object({ kind: z.literal('type'), expected: z.string() }),
    z.object({ kind: z.literal('size'), bound: z.enum(['at-least', 'at-most']), size: z.number() }),
    z.object({ kind: z.literal('form') }),
    z.object({ kind: z.literal('no-column') }),
    z.object({ kind: z.literal('made-columns'), names: z.array(z.string()) }),
  ]),
});
export type JobFileProblem = z.infer<typeof JobFileProblem>;
