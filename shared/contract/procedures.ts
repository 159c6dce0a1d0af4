import { z } from 'zod';
import { AlertChannel, ChannelName, JobAlert } from '../domain/alert.ts';
import { Failure } from './failure.ts';
import { AskedRows, DuplicateRuleReport } from '../domain/duplicate-rules.ts';
import { CheckReport, FieldIssue, IssueCode, IssueGroup, IssueProblem, ProblemRow } from '../domain/field-issue.ts';
import { AssignmentRule, FieldMapping, Operation } from '../domain/field-mapping.ts';
import { FittedMapping, FormerMapping, MappingForm, MappingLoss, SuggestedMapping } from '../domain/mapping-file.ts';
import { ExportForecast, ExportForm, ExportWay } from '../domain/export.ts';
import { FetchWay } from '../domain/fetched-records.ts';
import { HostNotice } from '../domain/host-notice.ts';
import { ApiName, Digest, JobId, LoadId, MergeId, OrgId, PlanId, RecordId, RunId, SourceId } from '../domain/ids.ts';
import { DocumentProblem, Job, JobList, JobLoss, JobName } from '../domain/job.ts';
import { JobGuards } from '../domain/job-guards.ts';
import {
  ChangeFilter,
  ChildCount,
  ChosenRows,
  LoadPlan,
  MovedRow,
  PlanDrift,
  PlanNote,
  PlannedKind,
  PlannedRow,
  PlanSort,
} from '../domain/load-plan.ts';
import { LoadDetails, LoadStorage } from '../domain/history.ts';
import { LoadForecast } from '../domain/load-forecast.ts';
import { ErrorReason, LoadReport, LoadSnapshot, OutcomeKind, OutcomeRow, ReportFile } from '../domain/load-results.ts';
import {
  GroupChoice,
  GroupState,
  MergeGroup,
  MergeRules,
  MergeSnapshot,
  MergeSource,
  MergeUndoPlan,
} from '../domain/merge.ts';
import { PlanApproval } from '../domain/plan-approval.ts';
import { CheckedPlan, ChosenMapping, Resembled, ResemblingRule } from '../domain/prepared-load.ts';
import { LookupCoverage, LookupOffer } from '../domain/planned-lookup.ts';
import {
  ChosenPairs,
  PairWord,
  ResemblingDecision,
  ResemblingOffer,
  ResemblingOutcome,
  ResemblingReport,
  ResemblingRow,
  ResemblingView,
  ThresholdCount,
} from '../domain/resembling.ts';
import { OrgSummary, SfOrg, SignInTarget } from '../domain/org.ts';
import { OrgFacts } from '../domain/org-facts.ts';
import { PicklistConflict, RehearsalReport, TakenValues } from '../domain/rehearsal.ts';
import { JobSchedule } from '../domain/job-schedule.ts';
import { Run } from '../domain/run.ts';
import { ScheduledJob } from '../domain/scheduled-job.ts';
import { ApiBudgetPercent, AppSettings, SettingsView } from '../domain/settings.ts';
import { RepeatedPage } from '../domain/repeated-rows.ts';
import { SimilarChange, SimilarPage } from '../domain/similar-rows.ts';
import { SObjectDescribe, SObjectSummary } from '../domain/sobject.ts';
import { CleaningPreview, CleaningStep, TypedCell } from '../domain/cleaning.ts';
import { PreparedUndo, UndoOffer, UndoWhat } from '../domain/undo.ts';
import {
  ColumnGlance,
  ColumnProfile,
  ColumnSketch,
  MOST_SKETCHED,
  PreviewRow,
  RowView,
  SourceChoice,
  SourceSummary,
  Writing,
} from '../domain/source-file.ts';
import { SyncPart, SyncRules, SyncStateSummary } from '../domain/sync.ts';

/** A page of at most 500 rows: what crosses to the renderer is what it can show, never the file. */
const Page = { offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(500) };
const Nothing = z.object({});
/** SOQL may have 100,000 characters (SOQL and SOSL Reference, "SOQL SELECT Syntax"). */
const Soql = z.string().min(1).max(100_000);

export const AppInfo = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'browser', 'cli']),
  /**
   * Where sessions are kept: in the system's keychain, which all hosts share; encrypted by the desktop app, which alone can read
   * them; or in `memory`, and then a restart means signing in again, which is said.
   */
  secretStore: z.enum(['keychain', 'desktop', 'memory']),
  /** What the host could not do as it should, so far. */
  notices: z.array(HostNotice),
});
export type AppInfo = z.infer<typeof AppInfo>;

/**
 * Where a saved report went: on the desktop the file that was chosen, in a browser a one-time download address. `savedId` names the
 * file to a host that can show it where it lies (`DeskRequest`), for as long as that host runs.
 */
export const SavedFile = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('saved'), fileName: z.string(), savedId: z.string().optional() }),
  z.object({ kind: z.literal('download'), path: z.string(), fileName: z.string() }),
  z.object({ kind: z.literal('dismissed') }),
]);
export type SavedFile = z.infer<typeof SavedFile>;

function procedure<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): { input: I; output: O } {
  return { input, output };
}

const MappingFileContent = z.object({ fileName: z.string().max(255), content: z.base64().max(8_000_000) });

const SourceAndOrg = { orgId: OrgId, sourceId: SourceId };

/** A run up to its plan, with what was found on the way; null where it did not come so far. */
const PreparedRun = z.object({
  run: Run,
  checks: CheckReport.nullable(),
  plan: LoadPlan.nullable(),
  resembled: Resembled.nullable(),
});

/** The one map of what the renderer, the CLI and the tests can ask of the backend. */
export const procedures = {
  'app.info': procedure(Nothing, AppInfo),

  'orgs.list': procedure(Nothing, z.array(OrgSummary)),
  'orgs.signIn': procedure(z.object({ target: SignInTarget, clientId: z.string().max(300).optional() }), OrgSummary),
  /** Where a sign-in would lead, and the consumer key that is kept for it. Throws `LOGIN_URL_INVALID`. */
  'orgs.loginAddress': procedure(
    z.object({ target: SignInTarget }),
    z.object({ loginUrl: z.string(), clientId: z.string().nullable() }),
  ),
  /** As the same user and in the same way as before. Throws `SIGN_IN_OTHER_USER`. */
  'orgs.signInAgain': procedure(z.object({ orgId: OrgId }), OrgSummary),
  /** Asks the org whether it still takes the session. One that it does not is an answer, not a failure. */
  'orgs.check': procedure(z.object({ orgId: OrgId }), OrgSummary),
  /** A token that was pasted. Without `keep` it is forgotten when Longshore ends. */
  'orgs.useToken': procedure(
    z.object({ target: SignInTarget, accessToken: z.string().trim().min(1).max(20_000), keep: z.boolean() }),
    OrgSummary,
  ),
  'orgs.sfList': procedure(Nothing, z.array(SfOrg)),
  'orgs.useSf': procedure(z.object({ username: z.string().min(1).max(300) }), OrgSummary),
  /** Opens a record's page in the person's own browser. Throws `BAD_REQUEST` for one that has none. */
  'orgs.openRecord': procedure(z.object({ orgId: OrgId, recordId: RecordId }), Nothing),
  'orgs.signOut': procedure(z.object({ orgId: OrgId }), Nothing),
  'orgs.objects': procedure(z.object({ orgId: OrgId }), z.array(SObjectSummary)),
  'orgs.describe': procedure(z.object({ orgId: OrgId, objectName: z.string() }), SObjectDescribe),

  /** What the org says of itself and of its user, asked for anew. What it does not tell is in the answer, too. */
  'org.about': procedure(z.object({ orgId: OrgId }), OrgFacts),
  /** The assignment rules of cases or leads, by name; none of another object. */
  'org.assignmentRules': procedure(
    z.object({ orgId: OrgId, objectName: ApiName }),
    z.array(AssignmentRule.extend({ active: z.boolean() })),
  ),
  /** Organizations (`organizationOf`) into which no load is started or resumed, as whichever user. */
  'org.readOnly': procedure(Nothing, z.array(OrgId)),
  'org.setReadOnly': procedure(z.object({ orgId: OrgId, readOnly: z.boolean() }), z.array(OrgId)),

  'settings.get': procedure(Nothing, SettingsView),
  /** Applies at once. The user name and password of a proxy's address go into the vault and do not come back. */
  'settings.change': procedure(AppSettings.partial(), SettingsView),
  /** Shows the data folder in the system's file manager. Throws `NOT_SUPPORTED` where a host has none. */
  'settings.showPlace': procedure(Nothing, Nothing),

  'source.choose': procedure(Nothing, SourceId.nullable()),
  'source.paste': procedure(z.object({ text: z.string().max(20_000_000) }), SourceId),
  /** Reads anew from the files. Without a choice: as before, from what is staged where nothing changed on disk. */
  'source.open': procedure(z.object({ sourceId: SourceId, choice: SourceChoice.nullable() }), SourceSummary),
  'source.get': procedure(z.object({ sourceId: SourceId }), SourceSummary),
  'source.recent': procedure(Nothing, z.array(SourceSummary)),
  'source.stop': procedure(z.object({ sourceId: SourceId }), Nothing),
  /** `rows` are those of the view, in all. */
  'source.page': procedure(
    z.object({ sourceId: SourceId, view: RowView, ...Page }),
    z.object({ page: z.array(PreviewRow), rows: z.number() }),
  ),
  'source.glance': procedure(z.object({ sourceId: SourceId }), z.array(ColumnGlance)),
  /** In the order asked for. Throws `BAD_REQUEST` for a column that there isn't. */
  'source.sketch': procedure(
    z.object({ sourceId: SourceId, columns: z.array(z.number().int().nonnegative()).min(1).max(MOST_SKETCHED) }),
    z.array(ColumnSketch),
  ),
  'source.profile': procedure(z.object({ sourceId: SourceId, column: z.number().int().nonnegative() }), ColumnProfile),
  'source.previewCleaning': procedure(z.object({ sourceId: SourceId, step: CleaningStep }), CleaningPreview),
  /** Replaces all steps. Throws `CLEANING_REFUSED` for a pattern or a column that cannot be. */
  'source.clean': procedure(z.object({ sourceId: SourceId, steps: z.array(CleaningStep).max(100) }), SourceSummary),
  /** Types over cells, or with null gives them back what the file says. */
  'source.edit': procedure(z.object({ sourceId: SourceId, cells: z.array(TypedCell).max(1000) }), SourceSummary),
  'source.save': procedure(z.object({ sourceId: SourceId }), SavedFile),
  'source.forget': procedure(z.object({ sourceId: SourceId }), Nothing),

  /**
   * The object a file is for, how many of its columns find a field there, and the operation: as it was loaded last, else what its keys
   * allow. With an object only the operation is looked for.
   */
  'mapping.guessObject': procedure(
    z.object({ ...SourceAndOrg, objectName: z.string().optional() }),
    z.object({ objectName: z.string(), matched: z.number(), operation: Operation }),
  ),
  /** With the mapping that the source had before its columns changed: that one brought to the columns there are now. */
  'mapping.suggest': procedure(
    z.object({
      ...SourceAndOrg,
      objectName: z.string(),
      operation: Operation,
      useSaved: z.boolean(),
      former: FormerMapping.optional(),
    }),
    SuggestedMapping,
  ),
  /**
   * What a load did, brought to a source that may have other columns now and to the org as it is: nothing is changed by it. `mapping`
   * is of the columns there are once `cleaning` was given to `source.clean`. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`.
   */
  'mapping.ofLoad': procedure(z.object({ ...SourceAndOrg, loadId: LoadId }), FittedMapping),
  'mapping.save': procedure(z.object({ ...SourceAndOrg, mapping: FieldMapping }), Nothing),
  /**
   * Brings a mapping from a file, ours or Data Loader's, to the source: nothing is changed by it. `mapping` of the answer is of the
   * columns there are once `cleaning` was given to `source.clean`; `mapping` of the question says what Data Loader's file does not.
   * Throws `MAPPING_FILE_UNREADABLE`.
   */
  'mapping.readFile': procedure(
    z.object({
      ...SourceAndOrg,
      mapping: FieldMapping,
      ...MappingFileContent.shape,
    }),
    FittedMapping,
  ),
  /** Throws `MAPPING_BLOCKED` for a mapping that does not fit the source. */
  'mapping.writeFile': procedure(
    z.object({ ...SourceAndOrg, mapping: FieldMapping, form: MappingForm }),
    z.object({ file: SavedFile, losses: z.array(MappingLoss) }),
  ),

  /** How many of a column's values find the parent that its mapping looks for beforehand, or name one by its Id. Asks the org; nothing is kept for a load. */
  'lookups.coverage': procedure(
    z.object({ ...SourceAndOrg, mapping: FieldMapping, column: z.number().int().nonnegative() }),
    LookupCoverage,
  ),

  /** Which lookups columns may be meant for by their values, told by a sample of them; few calls, whatever the file. */
  'lookups.offers': procedure(
    z.object({ ...SourceAndOrg, objectName: z.string(), columns: z.array(z.number().int().nonnegative()).max(1000) }),
    z.object({ offers: z.array(LookupOffer), apiCalls: z.number() }),
  ),

  'checks.run': procedure(z.object({ ...SourceAndOrg, mapping: FieldMapping }), CheckReport),
  'checks.rows': procedure(
    z.object({ ...SourceAndOrg, mapping: FieldMapping, groupKey: z.string(), ...Page }),
    z.array(FieldIssue),
  ),
  /** The groups of one problem by value, the largest first. `column` is null for problems of whole rows. */
  'checks.groups': procedure(
    z.object({ ...SourceAndOrg, mapping: FieldMapping, column: z.number().nullable(), code: IssueCode, ...Page }),
    z.object({ groups: z.array(IssueGroup), total: z.number() }),
  ),
  /** The rows that are not sent, in file order; with a problem only those that have it. */
  'checks.problemRows': procedure(
    z.object({
      ...SourceAndOrg,
      mapping: FieldMapping,
      problem: z.object({ column: z.number().nullable(), code: IssueCode }).nullable(),
      ...Page,
    }),
    z.object({ rows: z.array(ProblemRow), total: z.number() }),
  ),
  /** Groups of rows that repeat one another but differ, whatever rule holds of them; a mapping's `repeatChoices` decides of single ones. */
  'checks.repeats': procedure(z.object({ ...SourceAndOrg, mapping: FieldMapping, ...Page }), RepeatedPage),
  /** Checks anew, and writes the rows that are not sent as an error file: each with its reasons. */
  'checks.saveProblemRows': procedure(z.object({ ...SourceAndOrg, mapping: FieldMapping }), SavedFile),

  /**
   * `acceptChangedFile` is the yes to the rows of a file that grew while it was read; it holds until the file is read again.
   * `recordsFrom` says what may stand for records that would be fetched: nothing (`anew`), what was fetched until an earlier fetch
   * of the same broke off, which is what happens unless it is said, or also what an earlier plan of this process was made of.
   */
  'plan.build': procedure(
    z.object({
      ...SourceAndOrg,
      mapping: FieldMapping,
      acceptChangedFile: z.boolean().optional(),
      recordsFrom: z.enum(['anew', 'broken-off', 'planned']).optional(),
      /** A plan of the same rows and mapping that this one takes the place of: what was chosen in it is chosen again (`carried`). */
      keepChoicesOf: PlanId.optional(),
    }),
    LoadPlan,
  ),
  /**
   * Which mapping a source is loaded by where nobody is asked: as a mapping file has it, else as it was used last, else as it is suggested;
   * `operation` and `externalId` go before all of them. Throws `MAPPING_FILE_UNREADABLE`.
   */
  'prepare.mapping': procedure(
    z.object({
      ...SourceAndOrg,
      objectName: z.string(),
      operation: Operation.optional(),
      externalId: z.string().max(255).optional(),
      file: MappingFileContent.optional(),
    }),
    ChosenMapping,
  ),
  /**
   * Checks and plans a load where nobody is asked: `checks.run`, `plan.build`, and what is decided of rows that resemble records. `failure`
   * is what kept it from its plan once its values were checked.
   */
  'prepare.plan': procedure(
    z.object({
      ...SourceAndOrg,
      mapping: FieldMapping,
      acceptChangedFile: z.boolean().optional(),
      resembling: ResemblingRule.extend({
        then: z.enum(['show', ...ResemblingDecision.options]),
        acceptApiUse: z.boolean().optional(),
      }).optional(),
    }),
    CheckedPlan.extend({ failure: Failure.nullable() }),
  ),

  /** Plans that wait for their load, of files that are known, also of earlier runs of Longshore; the latest first. */
  'plan.list': procedure(z.object({}), z.array(PlanNote)),
  /** Has a plan at hand again, just as it was, with the names of its file's columns. */
  'plan.reopen': procedure(z.object({ planId: PlanId }), z.object({ plan: LoadPlan, columns: z.array(z.string()) })),
  'plan.forget': procedure(z.object({ planId: PlanId }), Nothing),
  'plan.page': procedure(
    z.object({
      planId: PlanId,
      kind: PlannedKind.nullable(),
      search: z.string().max(200),
      change: ChangeFilter.optional(),
      sort: PlanSort.optional(),
      ...Page,
    }),
    z.object({ rows: z.array(PlannedRow), total: z.number() }),
  ),

  /**
   * Leaves rows of a plan out, or what they change in one field (`field`), or takes them back. The plan that is returned has another
   * digest; the one before can't be loaded any more.
   */
  'plan.leaveOut': procedure(
    z.object({ planId: PlanId, of: ChosenRows, field: z.string().nullable(), takeBack: z.boolean() }),
    LoadPlan,
  ),

  /** Groups of rows that would make new records and resemble one another, and what other thresholds would find. */
  'plan.similar': procedure(
    z.object({ planId: PlanId, offset: z.number().int().nonnegative(), limit: z.number().int().min(1).max(50) }),
    SimilarPage,
  ),
  /** Changes which rows are taken for similar, and which of them are sent. As with `plan.leaveOut` the plan has another digest then. */
  'plan.decideSimilar': procedure(z.object({ planId: PlanId, change: SimilarChange }), LoadPlan),

  /** Saves rows of a plan as CSV, or what there is to know of it as a web page that a colleague can approve. */
  'plan.export': procedure(
    z.discriminatedUnion('form', [
      z.object({
        form: z.literal('csv'),
        planId: PlanId,
        kind: PlannedKind.nullable(),
        search: z.string().max(200),
        change: ChangeFilter.optional(),
      }),
      z.object({ form: z.literal('page'), planId: PlanId }),
    ]),
    SavedFile,
  ),
  /** Takes what a colleague's approval of a plan's page was saved as. Throws `APPROVAL_UNUSABLE`. */
  'plan.approve': procedure(
    z.object({ planId: PlanId, fileName: z.string().max(255), content: z.base64().max(100_000) }),
    PlanApproval,
  ),
  /** Who approved a plan as it has this digest, if somebody did. */
  'plan.approval': procedure(z.object({ planId: PlanId, planDigest: Digest }), PlanApproval.nullable()),

  /** What a load found to be other than its plan says, when it was refused for that (`PLAN_STALE`). */
  'plan.moved': procedure(
    z.object({ planId: PlanId, ...Page }),
    z.object({ rows: z.array(MovedRow), total: z.number() }),
  ),
  /** Counts what hangs from the records that a plan would delete. Only reads. */
  'plan.children': procedure(
    z.object({ planId: PlanId }),
    z.object({ children: z.array(ChildCount), calls: z.number() }),
  ),

  /** What of a plan's rows only the org could tell, as the checks tell what the file does; its groups begin with the largest. */
  'plan.problems': procedure(
    z.object({ planId: PlanId }),
    z.object({ problems: z.array(IssueProblem), groups: z.array(IssueGroup) }),
  ),
  /** As `checks.groups`, of one of those problems. */
  'plan.groups': procedure(
    z.object({ planId: PlanId, column: z.number().nullable(), code: IssueCode, ...Page }),
    z.object({ groups: z.array(IssueGroup), total: z.number() }),
  ),
  'plan.groupRows': procedure(z.object({ planId: PlanId, groupKey: z.string(), ...Page }), z.array(FieldIssue)),
  /** As `checks.problemRows`, with the rows that only the org could tell of. */
  'plan.problemRows': procedure(
    z.object({
      planId: PlanId,
      problem: z.object({ column: z.number().nullable(), code: IssueCode }).nullable(),
      ...Page,
    }),
    z.object({ rows: z.array(ProblemRow), total: z.number() }),
  ),
  'plan.saveProblemRows': procedure(z.object({ planId: PlanId }), SavedFile),

  /**
   * Asks the org what its active duplicate rules say of the rows that a plan would create, of all or of those that seem to have a
   * duplicate: 50 a call. Only reads. `acceptApiUse` is the yes to more API calls than the settings allow, else `API_BUDGET`.
   */
  'duplicateRules.check': procedure(
    z.object({ planId: PlanId, ask: AskedRows, acceptApiUse: z.boolean().optional() }),
    DuplicateRuleReport,
  ),

  /** Whether the rows that a plan would create can be compared with the org's records, and by what; null where they can't. Asks nothing of the org. */
  'resembling.offer': procedure(z.object({ planId: PlanId }), ResemblingOffer.nullable()),
  /**
   * Looks for records of the org that the rows resemble which a plan would create; only reads, and changes nothing of the plan. Progress
   * comes as `work`. `acceptApiUse` as in `duplicateRules.check`. `BAD_REQUEST` where there is no offer.
   */
  'resembling.find': procedure(
    z.object({
      planId: PlanId,
      acceptApiUse: z.boolean().optional(),
      apiBudgetPercent: ApiBudgetPercent.optional(),
    }),
    ResemblingReport,
  ),
  /** What was found last; null if nobody has looked. The four after it throw `BAD_REQUEST` then. */
  'resembling.report': procedure(z.object({ planId: PlanId }), ResemblingReport.nullable()),
  'resembling.pairs': procedure(
    z.object({ planId: PlanId, view: ResemblingView, ...Page }),
    z.object({ pairs: z.array(ResemblingRow), total: z.number() }),
  ),
  'resembling.counts': procedure(
    z.object({ planId: PlanId, thresholds: z.array(z.number().min(-200).max(200)).min(1).max(100) }),
    z.array(ThresholdCount),
  ),
  /** The twenty pairs that it is least sure of. */
  'resembling.borderline': procedure(z.object({ planId: PlanId }), z.array(ResemblingRow)),
  /** Moves weights and threshold by a person's words of such pairs. Decisions stay as they are. */
  'resembling.learn': procedure(
    z.object({ planId: PlanId, words: z.array(PairWord).min(1).max(200) }),
    ResemblingReport,
  ),
  /**
   * Decides what becomes of rows that resemble records, or with null takes that back: of one pair, whatever was decided before, or of all
   * from a threshold on that are not decided. The plan that is returned has another digest; the one before can't be loaded any more.
   */
  'resembling.decide': procedure(
    z.object({ planId: PlanId, of: ChosenPairs, decision: ResemblingDecision.nullable() }),
    ResemblingOutcome,
  ),
  /** Looks in the org, and among the rows of a plan, for values of unique fields that are taken. Only reads. */
  'rehearsal.unique': procedure(
    z.object({ planId: PlanId }),
    z.object({ taken: z.array(TakenValues), fields: z.array(z.string()), calls: z.number() }),
  ),
  /** Looks whether the record types of a plan's rows have their picklist values. A warning only; it only reads. */
  'rehearsal.picklists': procedure(
    z.object({ planId: PlanId }),
    z.object({ conflicts: z.array(PicklistConflict), recordTypes: z.number(), calls: z.number() }),
  ),
  /**
   * Gives the org rows of a plan, a sample or all, and has everything rolled back: what its validation rules, triggers and
   * duplicate rules say. Asks for what a load of as many rows does. Throws `REHEARSAL_UNSAFE` before, and `REHEARSAL_WROTE` should
   * the org keep what it is to take back.
   */
  'rehearsal.run': procedure(
    z.object({
      planId: PlanId,
      planDigest: Digest,
      sample: z.boolean(),
      confirmation: z.string().max(300).optional(),
      acceptApiUse: z.boolean().optional(),
    }),
    RehearsalReport,
  ),

  /** What has moved on since a plan was made: the org is asked what its load would ask. */
  'load.drift': procedure(z.object({ planId: PlanId }), PlanDrift),
  /** What a plan's load would use up, and what the org has left of it. One API call. Throws `PLAN_STALE` if it is another plan by now. */
  'load.forecast': procedure(z.object({ planId: PlanId, planDigest: Digest }), LoadForecast),
  /**
   * `confirmation` is what was typed for a load that wants a typed yes (`mustBeTyped`), else `CONFIRMATION_NEEDED`;
   * `acceptApiUse` the yes to more API calls than the settings allow, else `API_BUDGET`, and to more batches or storage than the org
   * has left, else `ORG_LIMIT`. Neither gets past `ORG_READ_ONLY`.
   */
  'load.start': procedure(
    z.object({
      planId: PlanId,
      planDigest: Digest,
      confirmation: z.string().max(300).optional(),
      acceptApiUse: z.boolean().optional(),
      /** The share of the API calls that are left which it may use without that yes, in the place of the settings'. */
      apiBudgetPercent: ApiBudgetPercent.optional(),
    }),
    LoadSnapshot,
  ),
  'load.get': procedure(z.object({ loadId: LoadId }), LoadSnapshot),
  'load.list': procedure(Nothing, z.array(LoadSnapshot)),
  /** Loads whose record can't be read, by the name of their folder in the data folder's `loads`. They are kept. */
  'load.damaged': procedure(Nothing, z.array(z.string())),
  /** The source that a load is of; null if it or its file is gone. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`. */
  'load.source': procedure(z.object({ loadId: LoadId }), z.object({ sourceId: SourceId.nullable() })),
  'load.cancel': procedure(z.object({ loadId: LoadId }), LoadSnapshot),
  /** Nothing more is sent until it is resumed. Throws `LOAD_OPEN_ELSEWHERE` for a load that another process runs. */
  'load.pause': procedure(z.object({ loadId: LoadId }), LoadSnapshot),
  /** `acceptApiUse` as in `load.start`, for what is left of the load. */
  'load.resume': procedure(
    z.object({
      loadId: LoadId,
      acceptApiUse: z.boolean().optional(),
      apiBudgetPercent: ApiBudgetPercent.optional(),
    }),
    LoadSnapshot,
  ),
  /**
   * Tries the second step of a finished load once more, of the incomplete rows whose parents have their records; nothing else of the
   * load is sent. `LOAD_COMPLETE` where there is no such row; `acceptApiUse` as in `load.start`.
   */
  'load.complete': procedure(z.object({ loadId: LoadId, acceptApiUse: z.boolean().optional() }), LoadSnapshot),

  /** What undoing a finished load takes. Throws `LOAD_UNKNOWN`, `LOAD_NOT_FINISHED`, and `DATA_DAMAGED`. */
  'undo.offer': procedure(z.object({ loadId: LoadId }), UndoOffer),
  /** One step of it, ready to be planned: nothing is sent. Throws `UNDO_EMPTY` too. */
  'undo.prepare': procedure(z.object({ loadId: LoadId, what: UndoWhat }), PreparedUndo),

  'report.get': procedure(z.object({ loadId: LoadId }), LoadReport),
  'report.page': procedure(
    /** With a reason, only the rows of that error group, whatever their kind. */
    z.object({ loadId: LoadId, kinds: z.array(OutcomeKind), reason: ErrorReason.optional(), ...Page }),
    z.object({ rows: z.array(OutcomeRow), total: z.number(), columns: z.array(z.string()) }),
  ),
  'report.save': procedure(z.object({ loadId: LoadId, file: ReportFile, spreadsheetSafe: z.boolean() }), SavedFile),
  /** A finished load’s report as a web page, whole by itself, for whoever has no Longshore. Throws `LOAD_UNKNOWN` and `LOAD_NOT_FINISHED`. */
  'report.savePage': procedure(z.object({ loadId: LoadId }), SavedFile),
  /**
   * The rows of a result file as a source that is still to be opened, to be fixed and loaded once more by the load's mapping
   * (`mapping.ofLoad`). Throws `LOAD_UNKNOWN` and `LOAD_NOT_FINISHED`.
   */
  'report.takeUp': procedure(z.object({ loadId: LoadId, file: z.enum(['error', 'unprocessed']) }), SourceId),
  /** The records that a load deleted, as they were before. Throws `LOAD_UNKNOWN`, and `DATA_DAMAGED` where there is no backup. */
  'report.saveBackup': procedure(z.object({ loadId: LoadId }), SavedFile),

  /** What every load takes on disk, in bytes. */
  'history.storage': procedure(Nothing, z.array(LoadStorage)),
  /** What a load was made of. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`. */
  'history.details': procedure(z.object({ loadId: LoadId }), LoadDetails),
  /** A finished load in one ZIP, for a colleague or for support; without its rows where they are nobody else’s to see. Throws `LOAD_NOT_FINISHED` too. */
  'history.pack': procedure(z.object({ loadId: LoadId, withRows: z.boolean() }), SavedFile),
  /** Removes a finished load with its rows and its report: it can't be undone after that. Throws `LOAD_NOT_FINISHED` and `LOAD_OPEN_ELSEWHERE` too. */
  'history.remove': procedure(z.object({ loadId: LoadId }), Nothing),

  /** Saved jobs, by name, and those that can't be read. */
  'job.list': procedure(Nothing, JobList),
  /** Throws `JOB_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  'job.get': procedure(z.object({ jobId: JobId }), Job),
  /**
   * Saves what a source and its mapping are, or what a load was, as a job; with `replace` in the place of the one of that name. A load's
   * own file is the job's, unless it is gone and another source is named. Throws `JOB_NAME_TAKEN`, `MAPPING_BLOCKED`, `NOT_SUPPORTED` for
   * what no run could find again, and `SOURCE_UNKNOWN` for a load whose file is not open any more.
   */
  'job.save': procedure(
    z.object({
      name: JobName,
      from: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('source'), ...SourceAndOrg, mapping: FieldMapping }),
        z.object({ kind: z.literal('load'), loadId: LoadId, sourceId: SourceId.optional() }),
      ]),
      resembling: ResemblingRule.optional(),
      apiBudgetPercent: ApiBudgetPercent.optional(),
      sync: SyncRules.optional(),
      guards: JobGuards.partial().optional(),
      replace: z.boolean(),
    }),
    z.object({ job: Job, losses: z.array(JobLoss) }),
  ),
  /** Throws `JOB_UNKNOWN`, `JOB_NAME_TAKEN`. */
  'job.rename': procedure(z.object({ jobId: JobId, name: JobName }), Job),
  'job.clone': procedure(z.object({ jobId: JobId, name: JobName }), Job),
  /** Removes a job and its runs; the loads that it made stay. Throws `JOB_UNKNOWN`, `JOB_RUNNING`. */
  'job.remove': procedure(z.object({ jobId: JobId }), Nothing),
  /** What a job's sync has agreed on; unless it is only to be shown, that is forgotten. Throws `JOB_UNKNOWN`, `JOB_RUNNING`. */
  'job.reset': procedure(z.object({ jobId: JobId, preview: z.boolean() }), SyncStateSummary),
  /** A paused job doesn't run by itself. Pausing it again changes nothing. Throws `JOB_UNKNOWN`. */
  'job.pause': procedure(z.object({ jobId: JobId }), Job),
  /** What would have run while it was paused is passed over. Throws `JOB_UNKNOWN`. */
  'job.resume': procedure(z.object({ jobId: JobId }), Job),
  /** Saves a job as YAML, to be kept in git and imported elsewhere. */
  'job.export': procedure(z.object({ jobId: JobId }), SavedFile),

  /** Jobs that run by themselves, by name, and how their schedules stand. */
  'schedule.list': procedure(Nothing, z.array(ScheduledJob)),
  /** When a job runs by itself; null: only by hand. What was due before is passed over. Throws `JOB_UNKNOWN`. */
  'schedule.set': procedure(z.object({ jobId: JobId, schedule: JobSchedule.nullable() }), Job),

  /** Where alerts can go, by name, without what is secret of it. */
  'alert.channels': procedure(Nothing, z.array(AlertChannel)),
  /** Throws `CHANNEL_UNKNOWN`. */
  'alert.removeChannel': procedure(z.object({ name: ChannelName }), Nothing),
  /** Sends a test by a channel. Throws `CHANNEL_UNKNOWN`, `ALERT_NOT_SENT`. */
  'alert.test': procedure(z.object({ name: ChannelName }), Nothing),
  /** What is told of a job, in the place of what was; none: nothing. Throws `JOB_UNKNOWN`, `CHANNEL_UNKNOWN`. */
  'alert.set': procedure(z.object({ jobId: JobId, alerts: z.array(JobAlert).max(20) }), Job),

  /**
   * Reads a job's file, fits its mapping, checks its rows, and plans their load, all written down as a run. Nothing is sent. A run that is
   * `held` says why; one that is `loading` was interrupted, and its load is to be continued (`load.resume`) before the job is run again.
   * `orgId` is another user of the job's organization; `sourceId` a file in the place of the job's own; `again` the yes to insert rows that
   * were inserted before; `acceptApiUse` that to go over the API budget; `after` the run that was just continued: rows that it loaded are
   * not loaded again; `evenPaused` the yes to run a job that is paused. With `dry` it is only shown. Throws `JOB_PAUSED` too.
   */
  'run.prepare': procedure(
    z.object({
      jobId: JobId,
      dry: z.boolean(),
      orgId: OrgId.optional(),
      sourceId: SourceId.optional(),
      again: z.boolean().optional(),
      after: RunId.optional(),
      acceptChangedFile: z.boolean().optional(),
      acceptApiUse: z.boolean().optional(),
      /** Of a sync: its rows, unless this is about the records whose rows are gone. */
      part: SyncPart.optional(),
      evenPaused: z.boolean().optional(),
    }),
    PreparedRun,
  ),
  /** Loads what a run has planned, as `load.start` does. Throws `RUN_UNKNOWN`, and what `load.start` does. */
  'run.load': procedure(
    z.object({
      runId: RunId,
      planDigest: Digest,
      confirmation: z.string().max(300).optional(),
      acceptApiUse: z.boolean().optional(),
    }),
    z.object({ run: Run, load: LoadSnapshot }),
  ),
  /**
   * Says yes to a held run that has a plan, by the digest of that: it is `planned` then, to be loaded by `run.load`. Where the job, its
   * file, or the org is not as it was, the answer is another run, held anew with why (`CHANGED_SINCE`), in its place. Throws `RUN_UNKNOWN`,
   * `RUN_NOT_HELD`, `PLAN_STALE` for another digest, and what `run.prepare` does; the run is held as before then.
   */
  'run.approve': procedure(
    z.object({ runId: RunId, planDigest: Digest, acceptChangedFile: z.boolean().optional() }),
    PreparedRun,
  ),
  /** Says no to a held run: its plan is removed. Throws `RUN_UNKNOWN`, `RUN_NOT_HELD`. */
  'run.reject': procedure(z.object({ runId: RunId }), Run),
  /** Throws `RUN_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  'run.get': procedure(z.object({ runId: RunId }), Run),
  /** The runs of a job, the latest first, and those that can't be read. */
  'run.list': procedure(
    z.object({ jobId: JobId }),
    z.object({
      runs: z.array(Run),
      unreadable: z.array(z.object({ name: z.string(), problem: DocumentProblem })),
    }),
  ),

  /** Objects whose records the org merges. */
  'merge.objects': procedure(
    z.object({ orgId: OrgId }),
    z.array(z.object({ name: z.string(), labelPlural: z.string(), resembling: z.boolean() })),
  ),
  /** Looks for groups of duplicates in the org and reads their records. Only reads. Throws `NOT_SUPPORTED`. */
  'merge.plan': procedure(
    z.object({ orgId: OrgId, objectName: z.string().max(255), source: MergeSource, rules: MergeRules }),
    MergeSnapshot,
  ),
  /** Decides otherwise, by rule or about one group: the plan has another digest then. Throws `PLAN_STALE` for one that was begun. */
  'merge.decide': procedure(
    z.object({
      mergeId: MergeId,
      rules: MergeRules.optional(),
      choice: GroupChoice.extend({ group: z.number().int().nonnegative() }).optional(),
    }),
    MergeSnapshot,
  ),
  'merge.page': procedure(
    z.object({ mergeId: MergeId, state: GroupState.nullable(), ...Page }),
    z.object({ groups: z.array(MergeGroup), total: z.number() }),
  ),
  /** Fields that a merge decides on, for rules of their own. */
  'merge.fields': procedure(z.object({ mergeId: MergeId }), z.array(z.object({ name: z.string(), label: z.string() }))),
  /** Saves every group with what became of it, as CSV. */
  'merge.save': procedure(z.object({ mergeId: MergeId }), SavedFile),
  'merge.get': procedure(z.object({ mergeId: MergeId }), MergeSnapshot),
  'merge.list': procedure(Nothing, z.array(MergeSnapshot)),
  /** Begins exactly what was reviewed. Consent as in `load.start`: the masters count as updates and the losers as deletes. */
  'merge.start': procedure(
    z.object({
      mergeId: MergeId,
      planDigest: Digest,
      confirmation: z.string().max(300).optional(),
      acceptApiUse: z.boolean().optional(),
    }),
    MergeSnapshot,
  ),
  /** Goes on with a merge, or with taking it back. Throws `LOAD_NOT_RESUMABLE`. */
  'merge.resume': procedure(z.object({ mergeId: MergeId, acceptApiUse: z.boolean().optional() }), MergeSnapshot),
  /** Stops after the call that is under way. */
  'merge.stop': procedure(z.object({ mergeId: MergeId }), MergeSnapshot),
  /** What taking a merge back would do, as the org is now. Only reads. */
  'merge.planUndo': procedure(z.object({ mergeId: MergeId }), MergeUndoPlan),
  /** Brings losers back, and gives back values and children that still are as the merge left them. Throws `PLAN_STALE`. */
  'merge.undo': procedure(
    z.object({
      mergeId: MergeId,
      undoDigest: Digest,
      confirmation: z.string().max(300).optional(),
      acceptApiUse: z.boolean().optional(),
    }),
    MergeSnapshot,
  ),

  /** How many records a query finds, and what reading them takes in each way there is. One API call where they can be counted. */
  'export.forecast': procedure(z.object({ orgId: OrgId, soql: Soql }), ExportForecast),
  /**
   * Fields of the records that the keys of a column name, in front of a source's own columns, in file order; `sf__Found` says how many
   * records a key names. Progress comes as `work`. Throws `BAD_REQUEST` for a field that no record is found by.
   */
  'enrich.file': procedure(
    z.object({
      ...SourceAndOrg,
      column: z.number().int().nonnegative(),
      objectName: ApiName,
      keyField: ApiName,
      fileName: z.string().min(1).max(255),
      fields: z
        .array(z.string().regex(/^[A-Za-z]\w*(?:\.[A-Za-z]\w*){0,5}$/))
        .min(1)
        .max(500),
    }),
    z.object({
      file: SavedFile,
      rows: z.number(),
      found: z.number(),
      notFound: z.number(),
      several: z.number(),
      blank: z.number(),
      way: FetchWay,
      apiCalls: z.number(),
    }),
  ),
  /**
   * The records of a query as a file, whole or not at all. Without a way the cheaper one, which counts the records first. Progress comes
   * as `work` under the org's id. Throws `ORG_REFUSED` for SOQL that the org does not take, and `NOT_SUPPORTED` for what a way or a
   * format has no room for.
   */
  'export.query': procedure(
    z.object({
      orgId: OrgId,
      soql: Soql,
      fileName: z.string().min(1).max(255),
      way: ExportWay.optional(),
      form: ExportForm.optional(),
    }),
    z.object({ records: z.number(), way: ExportWay, file: SavedFile, writing: Writing.nullable() }),
  ),
} as const;

export type Procedures = typeof procedures;
export type ProcedureName = keyof Procedures;
export type Input<P extends ProcedureName> = z.infer<Procedures[P]['input']>;
export type Output<P extends ProcedureName> = z.infer<Procedures[P]['output']>;

export function isProcedureName(name: string): name is ProcedureName {
  return Object.hasOwn(procedures, name);
}

/** The part of an AbortSignal that this folder may know of; it has neither the DOM's types nor Node's. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

/** What every transport offers the renderer, the CLI and the contract suite. */
export interface BackendClient {
  call<P extends ProcedureName>(name: P, input: Input<P>, options?: { signal?: CancelSignal }): Promise<Output<P>>;
}
