import type { Failure } from '../contract/failure.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { JobDefinition, JobFileProblem, JobLoss, JobSource } from '../domain/job.ts';
import type { Run, RunHold } from '../domain/run.ts';
import { number, plural } from './counts.ts';
import { misfitText } from './mapping-file-text.ts';
import { mappingIssueText } from './mapping-issue-text.ts';
import { momentText } from './moment-text.ts';
import { DECISION_WORD, scoreText } from './resembling-text.ts';
import { syncRuleTexts, syncStateText } from './sync-text.ts';

type Unreadable = Pick<Extract<Failure, { code: 'DOCUMENT_UNREADABLE' }>, 'what' | 'name' | 'problem'>;

export function documentProblemText({ what, name, problem }: Unreadable): string {
  const file = name === '' ? '' : ` (${name})`;
  switch (problem) {
    case 'damaged':
      return `The file of ${what}${file} is damaged.`;
    case 'newer':
      return `The file of ${what}${file} was written by a later version of Longshore.`;
    case 'unreadable':
      return `The file of ${what}${file} can’t be read.`;
    default:
      return assertNever(problem);
  }
}

const TYPES: Record<string, string> = {
  string: 'text. Put it in quotation marks',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of its own',
  int: 'a whole number',
};

function quoted(names: readonly string[]): string {
  return names.map((name) => `“${name}”`).join(', ');
}

function ruleText(rule: JobFileProblem['rule'], value: string): string {
  const is = value === '' ? 'is blank' : `is “${value}”`;
  switch (rule.kind) {
    case 'yaml':
      return `this is not YAML that can be read (${rule.message}).`;
    case 'not-a-job':
      return 'this is not a job of Longshore. A job begins with “kind: longshore-job” and “version: 1”.';
    case 'newer':
      return `this is version ${rule.version}, of a later Longshore. Update Longshore, or export the job again with this version.`;
    case 'too-large':
      return 'the file is too large for a job. Choose the file that a job was exported to.';
    case 'missing':
      return 'is missing. Add it.';
    case 'unknown-key':
      return 'is not known. Check its spelling, or remove it.';
    case 'one-of':
      return `${is}. Use ${rule.values.length === 1 ? '' : 'one of '}${quoted(rule.values)}.`;
    case 'type':
      return `${is}. It must be ${TYPES[rule.expected] ?? rule.expected}.`;
    case 'size':
      return `${is}. It must have ${rule.bound === 'at-least' ? 'at least' : 'at most'} ${rule.size}.`;
    case 'form':
      return `${is}, which can’t be used here. Compare it with an exported job.`;
    case 'no-column':
      return `${is}, and the job has no such column. Name a column that is listed under “columns” or “madeColumns”.`;
    case 'made-columns':
      return rule.names.length === 0
        ? 'is not empty, but no cleaning step makes a column. Remove it.'
        : `must list the columns that cleaning makes, in this order: ${quoted(rule.names)}.`;
    default:
      return assertNever(rule);
  }
}

export function jobFileProblemText({ line, where, value, rule }: JobFileProblem): string {
  const place = line === 0 ? '' : `Line ${line}: `;
  return `${place}${where === '' ? '' : `${where} `}${ruleText(rule, value)}`;
}

export function jobFileText({ fileName, problems }: Extract<Failure, { code: 'JOB_FILE_UNREADABLE' }>): string {
  return [`“${fileName}” can’t be used as a job.`, ...problems.map(jobFileProblemText)].join('\n  ');
}

/** Why a run is held, and what to do. */
export function runHoldText(hold: RunHold): string {
  switch (hold.code) {
    case 'COLUMN_GONE':
      return `The file has no column “${hold.column}”, which the job needs. Add the column to the file, or save the job again.`;
    case 'COLUMN_REPEATED':
      return `The file has more columns “${hold.column}” than the job knows, so it can’t tell which one is meant. Rename the others, or save the job again.`;
    case 'FIELD_RETYPED':
      return `${hold.field}, which “${hold.column}” fills, was ${typeText(hold.was)} when the job was saved and is ${typeText(hold.now)} now. Check its values, and save the job again.`;
    case 'MISFIT':
      return misfitText(hold.misfit);
    case 'MAPPING_ISSUE':
      return mappingIssueText(hold.issue);
    case 'LOADED_BEFORE':
      return `These rows were already loaded (${hold.loadId ?? 'by an earlier run'}, ${momentText(hold.at)}), and loading them again would create them twice.`;
    case 'SOURCE_EMPTY':
      return `“${hold.fileName}” has no rows. If that is right, there is nothing to do; otherwise look at where it comes from.`;
    case 'SOURCE_SHRUNK':
      return `The file has ${plural(hold.rows, 'row')}, and the last run’s file had ${number(hold.had)}. It may be incomplete.`;
    case 'CHANGES_MANY':
      return `The run would make ${plural(hold.changes, 'change')}, and the latest runs usually made ${number(Math.round(hold.usual))}.`;
    case 'DELETES_MANY':
      return hold.records === null
        ? `The run would delete ${plural(hold.deletes, 'record')}, and the org doesn’t say how many there are.`
        : `The run would delete ${number(hold.deletes)} of about ${plural(hold.records, 'record')}.`;
    case 'FIELD_SHORTENED':
      return `${hold.field}, which “${hold.column}” fills, took ${number(hold.was)} characters when the job was saved and takes ${number(hold.now)} now. Check its values, and save the job again.`;
    case 'PICKLIST_CLOSED':
      return `${hold.field}, which “${hold.column}” fills, took any value when the job was saved and takes only its own values now. Check its values, and save the job again.`;
    case 'NOT_COMPARABLE':
      return `The job compares new rows with records, and rows of ${hold.objectName} can’t be compared: that is for accounts, contacts, and leads, with names, emails, phones, or addresses.`;
    case 'OVER_BUDGET':
      return `The load takes at least ${plural(hold.needed, 'API call')}, more than ${hold.percent}% of the ${plural(hold.remaining, 'call')} the org has left for today.`;
    case 'NEEDS_CONFIRMATION':
      return `The run would make ${plural(hold.changes, 'change')} in ${hold.org}${hold.deletes > 0 ? `, ${number(hold.deletes)} of them deletes` : ''}, which needs your confirmation. Approve it, or name the org in the job’s schedule (--confirm-org).`;
    case 'FAILED_RUNS':
      return `The last ${plural(hold.runs, 'run')} failed. Look at why (longshore job history), and approve this run once that is put right.`;
    case 'CHANGED_SINCE':
      return `It was approved, but ${changedSinceText(hold)} This is what it would do now.`;
    case 'SYNC_STATE':
      return syncStateText(hold.problem);
    default:
      return assertNever(hold);
  }
}

function changedSinceText({ what, rows }: Extract<RunHold, { code: 'CHANGED_SINCE' }>): string {
  switch (what) {
    case 'job':
      return 'the job was saved again since the run was held.';
    case 'file':
      return 'the file has changed since the run was held.';
    case 'fields':
      return 'the object’s fields have changed in the org since the run was held.';
    case 'records':
      return `${plural(rows, 'record')} of its plan ${rows === 1 ? 'has' : 'have'} changed in the org since the run was held.`;
    case 'loads':
      return 'its rows were loaded since the run was held.';
    case 'plan':
      return 'its plan was changed or removed since the run was held.';
    default:
      return assertNever(what);
  }
}

function typeText(type: string): string {
  return `of type ${type}`;
}

export function jobLossText(loss: JobLoss): string {
  return loss.code === 'TYPED_CELLS'
    ? `${plural(loss.cells, 'cell')} that you typed over ${loss.cells === 1 ? 'is' : 'are'} not part of the job.`
    : `What you chose for ${plural(loss.groups, 'group')} of duplicates is not part of the job.`;
}

export function jobSourceText(source: JobSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'files':
      return source.paths.join(', ');
    case 'folder':
      return `${source.take === 'newest' ? 'the newest of ' : ''}${source.pattern} in ${source.folder}`;
    default:
      return assertNever(source);
  }
}

/** What a job does beside what its columns say, a line each. */
export function jobRuleTexts({ resembling, apiBudgetPercent, guards, sync }: JobDefinition): string[] {
  const score = resembling?.threshold === undefined ? '' : `, from score ${scoreText(resembling.threshold)}`;
  return [
    ...(resembling ? [`New rows that resemble a record: ${DECISION_WORD[resembling.then].toLowerCase()}${score}`] : []),
    ...(apiBudgetPercent === undefined ? [] : [`API budget: ${apiBudgetPercent}% of the calls that are left`]),
    ...(guards ? [`Guards: ${JSON.stringify(guards)}`] : []),
    ...(sync ? syncRuleTexts(sync) : []),
  ];
}

const ENDED: Record<Extract<Run['state'], { kind: 'ended' }>['how'], string> = {
  loaded: 'Loaded',
  'nothing-to-load': 'Nothing to load',
  'same-rows': 'The same rows as before',
  shown: 'Only planned',
  unknown: 'Interrupted; its load was removed',
};

/** How a run stands, in a few words. */
export function runStateText({ state }: Pick<Run, 'state'>): string {
  switch (state.kind) {
    case 'preparing':
      return { reading: 'Reading', fitting: 'Fitting the mapping', checking: 'Checking', planning: 'Planning' }[
        state.step
      ];
    case 'held':
      return 'Held; nothing was sent';
    case 'rejected':
      return state.why === 'person'
        ? 'Rejected; nothing was sent'
        : 'Held, and a later run took its place; nothing was sent';
    case 'planned':
      return 'Planned; nothing was sent';
    case 'loading':
      return 'Loading, or interrupted while it loaded';
    case 'ended':
      return ENDED[state.how];
    case 'failed':
      return `Failed before anything was sent (${state.failure.code})`;
    case 'interrupted':
      return 'Interrupted; nothing was sent';
    default:
      return assertNever(state);
  }
}
