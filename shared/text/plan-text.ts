import { changesOf, planSending } from '../domain/confirmation.ts';
import { checksAgain, hasAssignmentRules, isConditional, onlyNames, type StopAfter } from '../domain/field-mapping.ts';
import type { KeptValue, LoadPlan, PlanDrift, PlannedKind, PlannedRow } from '../domain/load-plan.ts';
import { PLANNED_GROUP } from '../domain/row-groups.ts';
import { number, plural } from './counts.ts';
import { issueTitle } from './issue-title.ts';
import { GROUP_WORD } from './row-group-text.ts';
import { becauseText } from './way-text.ts';

/** What a load would do to a row, in the word of its group. */
export function plannedWord(kind: PlannedKind): string {
  return GROUP_WORD[PLANNED_GROUP[kind]];
}

/** Why another row of the file is loaded in the place of this one. */
export function duplicateText({ decision, of }: Extract<PlannedRow, { kind: 'duplicate' }>): string {
  if (decision === 'merged') return `Merged into row ${number(of)}`;
  return decision === 'identical' ? `Identical to row ${number(of)}` : `Row ${number(of)} is used instead`;
}

/** What a person has decided of a row that resembles a record; blank where there was nothing to decide. */
export function resemblesText(row: PlannedRow): string {
  if (!('resembles' in row) || !row.resembles) return '';
  if (row.kind === 'insert') return 'Resembles a record, created by your choice';
  return row.merges
    ? 'Merged into the record it resembles, by your choice'
    : 'Treated as the record it resembles, by your choice';
}

/** What a person has decided of rows that resemble records, a sentence each. */
export function decidedTexts({ decided: { update, merge, unchanged, skip, create } }: LoadPlan): string[] {
  return [
    ...(update > 0
      ? [
          `${plural(update, 'row')} ${update === 1 ? 'updates the record it resembles' : 'update the records they resemble'}.`,
        ]
      : []),
    ...(merge > 0
      ? [
          `${plural(merge, 'row')} ${merge === 1 ? 'is merged into the record it resembles' : 'are merged into the records they resemble'}: only blank fields are filled.`,
        ]
      : []),
    ...(unchanged > 0
      ? [
          `${plural(unchanged, 'row')} ${unchanged === 1 ? 'would change nothing in the record it resembles' : 'would change nothing in the records they resemble'}.`,
        ]
      : []),
    ...(skip > 0
      ? [`${plural(skip, 'row')} skipped, because a record like ${skip === 1 ? 'it' : 'them'} exists.`]
      : []),
    ...(create > 0
      ? [`${plural(create, 'row')} created although a record like ${create === 1 ? 'it' : 'them'} exists.`]
      : []),
  ];
}

/** The fields that a row is given in a second step; none of a row that has no such step. */
export function laterFields(row: PlannedRow): readonly string[] {
  return row.kind === 'insert' || row.kind === 'update' ? row.later : [];
}

/** What an undo leaves in a record, and why. */
export function keptText({ now, changedAt, by }: KeptValue, label: string): string {
  const who = by === '' ? '' : ` by ${by}`;
  const when = changedAt === '' ? '' : ` The record was last changed on ${changedAt}${who}.`;
  return `${label} keeps ${now === '' ? 'no value' : `“${now}”`}, because it changed since the load.${when}`;
}

const ALLOW_DUPLICATES =
  'Rows are saved even if a duplicate rule warns about them. Rows that a rule blocks still fail.';
const ALL_OR_NONE =
  'Each request of 200 rows is saved as a whole or not at all. One that fails does not undo those before it.';
const UPDATE_ONLY = 'Rows are sent as updates by Id, so that no record is created for one that was deleted meanwhile.';
const COLLECTIONS = 'Rows are sent 200 at a time, and each request is answered at once. No Bulk API job is created.';
const IN_ORDER =
  'Sent in the order of the file by Bulk API 1.0 jobs in Serial mode, up to 10,000 rows at a time and one after another. This takes longer, and no batch is in another’s way.';
const UNDELETE =
  'Records come back from the Recycle Bin with their Ids, and so do the records that were deleted with them. 200 are sent at a time.';

/** What a hard delete can't take back, before it is asked for. */
export const HARD_DELETE =
  'Records are deleted for good: they don’t go to the Recycle Bin, and no undelete brings them back. An undo can only create them again from the backup that is made before, with new Ids. Records that are deleted with them are not in the backup.';
const ONLY_JOBS = 'Sent by Bulk API jobs, because only they can hard delete.';

const AGAIN =
  'Just before they are written, the records are looked at once more: what somebody has changed by then stays as it is.';
const ON_CONDITION =
  'Records are written one by one, each on the condition that nobody has changed it: what somebody has changed by then stays as it is.';

/** How a plan's rows go to the org, and why so. */
export function wayTexts(plan: LoadPlan): string[] {
  const { mapping, counts } = plan;
  const { way, because } = planSending(plan);
  if (mapping.operation === 'undelete') return [UNDELETE];
  if (mapping.operation === 'hardDelete') return [HARD_DELETE, way === 'bulk-1' ? IN_ORDER : ONLY_JOBS];
  const rows = changesOf(counts);
  if (because !== null) return rows === 0 ? [] : [becauseText(because, rows)];
  if (way === 'bulk-1') return [IN_ORDER];
  return way === 'collections' && !isConditional(mapping, rows) ? [COLLECTIONS] : [];
}

/** How many jobs are worked on at the same time, where there are several. */
function jobTexts(plan: LoadPlan): string[] {
  const { jobs, jobsAtOnce } = plan;
  if (planSending(plan).way !== 'bulk' || jobs < 2 || jobsAtOnce < 2) return [];
  return [`Sent in about ${jobs} jobs, up to ${Math.min(jobs, jobsAtOnce)} of them at the same time.`];
}

/** When a load stops by itself, after “when”. */
export function stopText(stopAfter: StopAfter): string {
  return 'failures' in stopAfter
    ? `${plural(stopAfter.failures, 'row')} ${stopAfter.failures === 1 ? 'has' : 'have'} failed`
    : `${stopAfter.percent} % of the processed rows have failed`;
}

/** What of the org a plan leaves alone and how it writes, a sentence each. */
export function policyTexts(plan: LoadPlan): string[] {
  const { mapping, keptFields, leftOut } = plan;
  const { upsert, fillBlanksOnly, unlessChangedSince, allowDuplicates, allOrNone, assignmentRule, stopAfter } =
    mapping.policies ?? {};
  const kept = mapping.columns.flatMap(({ target, neverOverwrite }) =>
    neverOverwrite === true && target.kind !== 'ignored' ? [target.field] : [],
  );
  return [
    ...(upsert === 'update-only' ? ['Records are only updated: rows that match none are left out.', UPDATE_ONLY] : []),
    ...(upsert === 'create-only' ? ['Records are only created: rows that match one are left out.'] : []),
    ...(fillBlanksOnly === true ? ['Only blank fields are filled: values that a record has stay.'] : []),
    ...(fillBlanksOnly !== true && kept.length > 0 ? [`Never overwritten: ${kept.join(', ')}.`] : []),
    ...(unlessChangedSince === undefined
      ? []
      : [`Records changed in the org since ${new Date(unlessChangedSince).toISOString()} stay as they are.`]),
    ...leftOut.policies.map(({ code, rows }) => `${plural(rows, 'row')} left out by a policy: ${issueTitle(code)}.`),
    ...keptFields.map(
      ({ field, rows }) =>
        `${field}: ${plural(rows, 'record')} ${rows === 1 ? 'keeps its value' : 'keep their values'}.`,
    ),
    ...(allowDuplicates === true && !onlyNames(mapping.operation) ? [ALLOW_DUPLICATES] : []),
    ...(assignmentRule && hasAssignmentRules(mapping)
      ? [`The assignment rule “${assignmentRule.name}” chooses the owner.`]
      : []),
    ...wayTexts(plan),
    ...jobTexts(plan),
    ...(checksAgain(mapping)
      ? [
          planSending(plan).way === 'collections' && isConditional(mapping, changesOf(plan.counts))
            ? ON_CONDITION
            : AGAIN,
        ]
      : []),
    ...(allOrNone === true ? [ALL_OR_NONE] : []),
    ...(stopAfter ? [`The load stops when ${stopText(stopAfter)}. Rows sent before that may still be saved.`] : []),
  ];
}

/** What has moved on since a plan was made, a sentence each. */
export function driftTexts({ file, fields, rows }: PlanDrift): string[] {
  return [
    ...(file === 'changed'
      ? ['The file has changed since this plan was made. The plan has the rows as they were.']
      : []),
    ...(file === 'gone' ? ['The file is no longer open. The plan has its rows as they were.'] : []),
    ...(fields
      ? ['The fields of the object have changed in the org since this plan was made. Fetch again to load.']
      : []),
    ...(rows > 0
      ? [
          `${plural(rows, 'row')} of this plan ${rows === 1 ? 'is' : 'are'} out of date: records have changed in the org. Fetch again to load.`,
        ]
      : []),
  ];
}

/** What a person has left out of a plan, a sentence each. */
export function leftOutTexts({ leftOut: { rows, fields } }: LoadPlan): string[] {
  return [
    ...(rows > 0 ? [`${plural(rows, 'row')} left out by hand.`] : []),
    ...fields.map((one) => `${one.field}: left out of ${plural(one.rows, 'row')} by hand.`),
  ];
}
