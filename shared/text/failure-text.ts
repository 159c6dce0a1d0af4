import type { Failure } from '../contract/failure.ts';
import { assertNever } from '../domain/assert-never.ts';
import { callbackUrl } from '../domain/sign-in-callback.ts';
import { number, plural } from './counts.ts';
import { storageText } from './bytes-text.ts';
import { documentProblemText, jobFileText } from './job-text.ts';
import { momentText } from './moment-text.ts';
import { reasonText } from './reason-text.ts';
import { sessionTroubleText } from './session-text.ts';
import { sfProblemText } from './sf-problem-text.ts';
import { signInRefusalText } from './sign-in-refusal-text.ts';

/** What a person reads when something expected goes wrong: what happened, what was and was not saved, what to do next. */
export interface FailureText {
  readonly title: string;
  readonly saved: string;
  readonly next: string;
}

const NOT_SIGNED_IN = 'You are not signed in.';
const NOTHING_SENT = 'Nothing was sent to Salesforce.';
const NOTHING_CHANGED = 'No record in Salesforce was changed by this.';
const DISK_KEPT = 'Everything confirmed so far is kept, and no row is sent twice.';
const LOAD_KEPT = 'The load is paused. Saved rows stay saved, and no row is sent twice.';

function say(title: string, saved: string, next: string): FailureText {
  return { title, saved, next };
}

const STALE: Record<Extract<Failure, { code: 'PLAN_STALE' }>['why'], string> = {
  digest: 'This is not the plan you reviewed.',
  describe: 'The object’s fields changed in the org after the plan was made.',
  used: 'This plan has already been loaded.',
  drift: 'Records in this plan were changed in the org after the plan was made.',
};

const REFUSED_CHANNEL: Record<Extract<Failure, { code: 'CHANNEL_REFUSED' }>['why'], string> = {
  address: 'This is not the address of a webhook.',
  'webhook-open': 'This webhook is not encrypted.',
  'mail-open': 'This mail server would be spoken to without encryption.',
};
const REFUSED_ADVICE: typeof REFUSED_CHANNEL = {
  address: 'Enter all of it, from https:// on.',
  'webhook-open': 'Use an address that begins with https://.',
  'mail-open': 'Use --security tls or starttls. Without, only a server on this computer is used.',
};

const NOT_HELD: Record<Extract<Failure, { code: 'RUN_NOT_HELD' }>['why'], string> = {
  'not-held': 'That run is not held, so there is nothing to approve or reject.',
  'no-plan': 'That run can’t be approved: its job no longer fits the file or the org, so there is no plan of it.',
  shown: 'That run was only planned, so there is nothing to approve.',
};

const JOURNAL: Record<Extract<Failure, { code: 'JOURNAL_DAMAGED' }>['problem'], string> = {
  checksum: 'is damaged',
  version: 'was written by another version of Longshore',
  order: 'has steps in an impossible order',
  missing: 'is missing',
  unreadable: 'can’t be read',
  'cut-off': 'ends before its last known step',
  'other-load': 'belongs to another load',
};

const WHILE_READ: Record<Extract<Failure, { code: 'FILE_CHANGED_WHILE_READ' }>['change'], string> = {
  grew: 'grew',
  shrank: 'became shorter',
  replaced: 'changed or was replaced',
};

const ARCHIVE_ADVICE: Record<Extract<Failure, { code: 'FILE_ARCHIVE' }>['problem'], string> = {
  several: 'Unpack it and drop the file you want to load.',
  nothing: 'Choose an archive that contains one CSV file.',
  encrypted: 'Unpack it with its password and drop the file inside.',
  damaged: 'Download or copy it again. Part of it is missing or changed.',
  bomb: 'If this is your data, unpack it yourself and drop the file inside.',
};

const WORKBOOK_ADVICE: Record<Extract<Failure, { code: 'FILE_WORKBOOK' }>['problem'], string> = {
  bomb: 'Save the sheet you want to load as CSV (UTF-8) and drop that file.',
  damaged: 'Open it in Excel, let Excel repair it, save it, and drop it again.',
  encrypted: 'Save it as .xlsx without a password.',
  'no-header': 'Choose another sheet, or a workbook with a header row and at least one row below it.',
  'no-sheet': 'Choose a workbook that has a sheet with rows.',
};

const NOT_SAVED: Record<Extract<Failure, { code: 'FILE_NOT_SAVED' }>['why'], [title: string, next: string]> = {
  'in-use': [
    'can’t be replaced, because it is open in another program, such as Excel.',
    'Close it there and try again, or save it somewhere else.',
  ],
  'folder-gone': ['can’t be saved: its folder no longer exists.', 'Save it somewhere else.'],
  'not-allowed': ['can’t be saved: you don’t have permission to write there.', 'Save it somewhere else.'],
  'disk-full': ['can’t be saved: the disk is full.', 'Free some space and try again, or save it somewhere else.'],
  other: ['can’t be saved there.', 'Save it somewhere else.'],
};

function notSavedText({ place, why, reason }: Extract<Failure, { code: 'FILE_NOT_SAVED' }>): FailureText {
  const [title, next] = NOT_SAVED[why];
  const told = why === 'other' ? `${title.slice(0, -1)} (${reasonText(reason)}).` : title;
  return say(`“${place}” ${told}`, 'Nothing was written there, and nothing in Longshore is lost.', next);
}

function workbookText({ fileName, problem, sheet }: Extract<Failure, { code: 'FILE_WORKBOOK' }>): string {
  switch (problem) {
    case 'bomb':
      return `“${fileName}” unpacks to more than 512 MB, or far more than a workbook should. It was not opened.`;
    case 'damaged':
      return `“${fileName}” is damaged: part of the workbook is missing or invalid.`;
    case 'encrypted':
      return `“${fileName}” is protected by a password.`;
    case 'no-header':
      return sheet === ''
        ? `No sheet in “${fileName}” has a header row with rows below it.`
        : `Sheet “${sheet}” in “${fileName}” has no header row there.`;
    case 'no-sheet':
      return sheet === ''
        ? `“${fileName}” has no sheet with cells.`
        : `“${fileName}” no longer has a sheet “${sheet}”.`;
    default:
      return assertNever(problem);
  }
}

/** What keeps files from being read as one. */
function differenceText({ difference }: Extract<Failure, { code: 'FILE_SEVERAL' }>): string {
  const { fileName, missing, extra } = difference;
  const facts = [
    ...(missing.length > 0 ? [`it has no ${missing.map((name) => `“${name}”`).join(', ')}`] : []),
    ...(extra.length > 0 ? [`it also has ${extra.map((name) => `“${name}”`).join(', ')}`] : []),
  ];
  const why = facts.length > 0 ? facts.join(' and ') : 'its columns are in another order';
  return `Several files load as one only if their columns are the same. “${fileName}” differs from the first file: ${why}.`;
}

function archiveText({ fileName, problem, entries }: Extract<Failure, { code: 'FILE_ARCHIVE' }>): string {
  switch (problem) {
    case 'several': {
      const more = entries.length > 5 ? ', …' : '';
      return `“${fileName}” contains ${plural(entries.length, 'file')}: ${entries.slice(0, 5).join(', ')}${more}.`;
    }
    case 'nothing':
      return `“${fileName}” contains no file.`;
    case 'encrypted':
      return `“${fileName}” is protected by a password.`;
    case 'damaged':
      return `“${fileName}” is a damaged archive.`;
    case 'bomb':
      return `“${fileName}” unpacks to more than 512 MB, over 200 times its size. Longshore stopped reading it.`;
  }
}

function signInRefused({ error, description }: Extract<Failure, { code: 'SIGN_IN_REFUSED' }>): FailureText {
  const { title, next } = signInRefusalText(error, description);
  return say(title, NOT_SIGNED_IN, next);
}

export function failureText(failure: Failure): FailureText {
  switch (failure.code) {
    case 'FILE_EMPTY':
      return say(
        `“${failure.fileName}” is empty.`,
        NOTHING_SENT,
        'Choose a file with a header row and at least one row below it.',
      );
    case 'FILE_HEADER_ONLY':
      return say(
        `“${failure.fileName}” has ${plural(failure.columns, 'column')} but no rows.`,
        NOTHING_SENT,
        'Add at least one row below the header, or choose another file.',
      );
    case 'FILE_NOT_TEXT':
      return say(
        `“${failure.fileName}” is not a text file (it looks like ${failure.looksLike}).`,
        NOTHING_SENT,
        failure.advice,
      );
    case 'FILE_ARCHIVE':
      return say(archiveText(failure), NOTHING_SENT, ARCHIVE_ADVICE[failure.problem]);
    case 'FILE_QUOTE_NEVER_CLOSED':
      return say(
        `The quote opened on line ${number(failure.line)} of “${failure.fileName}” is never closed.`,
        'The rows after it can’t be read safely, so no rows were read. ' + NOTHING_SENT,
        'Close the quote on that line, or choose another delimiter if it is not meant as a quote.',
      );
    case 'FILE_HEADER_BROKEN':
      return say(
        `The header on line ${number(failure.line)} of “${failure.fileName}” has text after a closing quote.`,
        'Its columns can’t be told apart safely, so no rows were read. ' + NOTHING_SENT,
        'Correct the quotes on that line, then open the file again.',
      );
    case 'FILE_TOO_MANY_COLUMNS':
      return say(
        `The file has ${plural(failure.columns, 'column')}. Salesforce accepts at most 5,000 fields per record.`,
        NOTHING_SENT,
        'Check the delimiter, or remove columns that you don’t load.',
      );
    case 'FILE_UNREADABLE':
      return say(
        `“${failure.fileName}” can no longer be read (${reasonText(failure.reason)}).`,
        NOTHING_SENT,
        'Check that the file still exists and that you have permission to open it, then drop it again.',
      );
    case 'FILE_IS_FOLDER':
      return say('This is a folder.', NOTHING_SENT, 'Drop one CSV or XLSX file, or several with the same columns.');
    case 'FILE_CHANGED_WHILE_READ':
      return say(
        `“${failure.fileName}” ${WHILE_READ[failure.change]} while Longshore was reading it.`,
        NOTHING_SENT,
        failure.change === 'grew'
          ? 'Open it again to read all of it, or plan with the rows it had when you opened it.'
          : 'Wait until no other program is writing to it, then open it again.',
      );
    case 'FILE_SEVERAL':
      return say(
        `Drop one file at a time. You dropped ${plural(failure.fileNames.length, 'file')}: ${failure.fileNames.join(', ')}.`,
        NOTHING_SENT,
        differenceText(failure),
      );
    case 'FILE_WORKBOOK':
      return say(workbookText(failure), NOTHING_SENT, WORKBOOK_ADVICE[failure.problem]);
    case 'FILE_JSON':
      return say(
        `“${failure.fileName}” can’t be read as JSON: ${failure.problem} (line ${number(failure.line)}).`,
        NOTHING_SENT,
        'Longshore reads an array of records, or one record per line. Fix the file, or export it as CSV.',
      );
    case 'CLEANING_REFUSED':
      return say(
        `“${failure.what}” can’t be used here: ${failure.problem}.`,
        'No row was changed.',
        'Change the step. Patterns use RE2 syntax: no look-ahead, and no back-references in the pattern.',
      );
    case 'SOURCE_UNKNOWN':
      return say('This file is no longer open in Longshore.', NOTHING_SENT, 'Drop it again.');
    case 'SOURCE_NOT_STAGED':
      return say('The file is still being read.', NOTHING_SENT, 'Wait until all rows are read, then try again.');
    case 'ORG_UNKNOWN':
      return say('You are not signed in to that org.', NOTHING_SENT, 'Sign in first.');
    case 'ORG_SESSION_EXPIRED':
      return say(
        failure.why === undefined
          ? `Your session${failure.username ? ` as ${failure.username}` : ''} has ended.`
          : `${failure.username || 'This org'} needs you to sign in. ${sessionTroubleText(failure.why)}.`,
        'Your file, mapping, and plan are kept.',
        failure.via === 'sf'
          ? 'The session belongs to the Salesforce CLI. Run “sf org login web”, then continue.'
          : 'Sign in again to continue.',
      );
    case 'SIGN_IN_REFUSED':
      return signInRefused(failure);
    case 'SIGN_IN_OTHER_USER':
      return say(
        `You signed in as ${failure.got}, not as ${failure.wanted}.`,
        NOT_SIGNED_IN,
        `Sign in as ${failure.wanted} to continue, or connect ${failure.got} as another org.`,
      );
    case 'TOKEN_INVALID':
      return say(
        'This is not an access token.',
        NOT_SIGNED_IN,
        'Copy the whole token. It starts with 00D and contains a “!”.',
      );
    case 'KEY_FILE_UNREADABLE':
      return say(
        failure.reason === ''
          ? `“${failure.fileName}” is not an unencrypted RSA private key.`
          : `“${failure.fileName}” can’t be read (${reasonText(failure.reason)}).`,
        NOT_SIGNED_IN,
        'Choose the PEM file with the private key of the app’s certificate, without a passphrase.',
      );
    case 'SF_ORG_UNUSABLE':
      return say(
        `${failure.username}: ${sfProblemText(failure.problem)}`,
        'The Salesforce CLI was not changed.',
        `Run “sf org login web” and sign in as ${failure.username}, then try again.`,
      );
    case 'SIGN_IN_NEEDS_APPROVAL':
      return say(
        'An admin must approve this app before you can use it.',
        NOT_SIGNED_IN,
        'Ask a Salesforce admin to install the app in your org (Setup › Connected Apps OAuth Usage), then try again.',
      );
    case 'SIGN_IN_TIMED_OUT':
      return say(
        `The sign-in was not finished within ${plural(failure.minutes, 'minute')}.`,
        NOT_SIGNED_IN,
        'Try again.',
      );
    case 'SIGN_IN_NO_PORT':
      return say(
        `Longshore needs one of the ports ${failure.ports.join(', ')} to sign you in, and all of them are in use.`,
        NOT_SIGNED_IN,
        'Close the program that uses them (often another sign-in window) and try again.',
      );
    case 'SIGN_IN_NEEDS_CLIENT_ID':
      return say(
        'Production and sandbox orgs need the consumer key of an External Client App.',
        NOT_SIGNED_IN,
        `Ask your admin for one with the callback ${callbackUrl()} and enter its key.`,
      );
    case 'LOGIN_URL_INVALID':
      return say(
        failure.why === 'host'
          ? `“${failure.value}” is not a Salesforce address.`
          : `“${failure.value}” is not a sign-in address.`,
        NOT_SIGNED_IN,
        'Enter your My Domain, such as acme.my.salesforce.com.',
      );
    case 'ORG_UNREACHABLE':
      return say(
        `${failure.host || 'The org'} can’t be reached (${reasonText(failure.reason)}).`,
        'Everything confirmed so far is safe. Nothing is sent while the connection is down.',
        'Check your connection and try again.',
      );
    case 'ORG_REFUSED':
      return say(
        `Salesforce refused the request: ${failure.message} (${failure.errorCode}).`,
        'Nothing more was sent.',
        'Fix what the message says, then try again.',
      );
    case 'ORG_ANSWER_UNREADABLE':
      return say(
        `Longshore can’t read Salesforce’s answer (${failure.status}, ${failure.what}).`,
        'Nothing more was sent.',
        'The org may be down for maintenance. Try again in a few minutes.',
      );
    case 'ORG_API_LIMIT':
      return say(
        `The org has no API calls left for today. (${failure.message})`,
        LOAD_KEPT,
        'Wait until calls are available again (the limit covers the last 24 hours), or ask Salesforce for more. Then resume.',
      );
    case 'ORG_REDIRECT_REFUSED':
      return say(
        `The org redirected to another address (${failure.host}). Longshore doesn’t follow redirects.`,
        'Your token was not sent there.',
        'Sign in again with the org’s own address.',
      );
    case 'ORG_READ_ONLY':
      return say(
        `${failure.org} is set to read-only in Longshore.`,
        NOTHING_SENT,
        'To load there, open “About this org” next to the org’s badge and allow changes, or choose another org.',
      );
    case 'OBJECT_UNKNOWN':
      return say(
        `This org has no object ${failure.object}, or you can’t see it.`,
        NOTHING_SENT,
        'Choose another object.',
      );
    case 'PRACTICE_ORG_FAILED':
      return say(
        `The practice org did not start (${failure.reason}).`,
        NOTHING_SENT,
        'Try again. If it fails again, restart Longshore.',
      );
    case 'MAPPING_BLOCKED':
      return say(
        `The mapping has ${plural(failure.problems, 'problem')} to fix first.`,
        NOTHING_SENT,
        'Fix the mapping, then try again.',
      );
    case 'APPROVAL_UNUSABLE':
      return failure.why === 'other'
        ? say(
            `“${failure.fileName}” approves another plan, or an earlier version of this plan.`,
            'This plan is not approved.',
            'Send the plan again for approval.',
          )
        : say(
            `“${failure.fileName}” is not an approval.`,
            'This plan is not approved.',
            'Choose the file that the approver saved from the plan’s page.',
          );
    case 'MAPPING_FILE_UNREADABLE':
      return failure.newer
        ? say(
            `“${failure.fileName}” was written by a later version of Longshore.`,
            'Nothing was changed.',
            'Update Longshore, or save the mapping again with this version.',
          )
        : say(
            `“${failure.fileName}” is not a mapping file of Longshore or Data Loader.`,
            'Nothing was changed.',
            'Choose a .json file saved by Longshore, or an .sdl file.',
          );
    case 'MAPPING_FILES_SEVERAL':
      return say(
        `You opened ${plural(failure.files, 'mapping file')} at once.`,
        'None of them is used.',
        'Drop or choose one mapping file at a time.',
      );
    case 'PLAN_UNKNOWN':
      return say('That plan no longer exists.', NOTHING_SENT, 'Build it again.');
    case 'PLAN_STALE':
      return say(
        failure.why === 'drift' && failure.rows > 0
          ? `${plural(failure.rows, 'record')} in this plan ${failure.rows === 1 ? 'was' : 'were'} changed in the org after the plan was made.`
          : STALE[failure.why],
        NOTHING_SENT,
        failure.why === 'used'
          ? 'See its report, or build a new plan.'
          : 'Build the plan again and review the differences.',
      );
    case 'PLAN_EMPTY':
      return say(
        'This plan changes nothing.',
        NOTHING_SENT,
        'Every row is unchanged, repeated, left out, or not sent.',
      );
    case 'HARD_DELETE_NOT_ALLOWED':
      return say(
        `You can’t hard delete records in ${failure.org}.`,
        NOTHING_SENT,
        'Ask an admin for the permission “Bulk API Hard Delete”. Or choose Delete: records then stay in the Recycle Bin for 15 days.',
      );
    case 'CONFIRMATION_NEEDED':
      if (failure.wanted !== undefined)
        return say(
          `This load would delete ${plural(failure.deletes, 'record')} in ${failure.org} for good: they don’t go to the Recycle Bin.`,
          NOTHING_SENT,
          `Type “${failure.wanted}” to confirm. In a script, add --yes.`,
        );
      return say(
        `${failure.org} is a production org. This load would ${failure.deletes > 0 ? `delete ${plural(failure.deletes, 'record')}` : `change ${plural(failure.changes, 'record')}`} there.`,
        NOTHING_SENT,
        `Type ${failure.changes} or the org’s name to confirm. In a script, add --yes.`,
      );
    case 'API_BUDGET':
      return say(
        `This load takes at least ${failure.resuming ? `${number(failure.needed)} more API ${failure.needed === 1 ? 'call' : 'calls'}` : plural(failure.needed, 'API call')}, more than ${failure.percent}% of the ${plural(failure.remaining, 'call')} the org has left for today.`,
        failure.resuming ? 'Nothing more was sent.' : NOTHING_SENT,
        'Load anyway if nobody else needs the calls, wait until tomorrow, or change the limit in the settings. In a script, add --yes.',
      );
    case 'ORG_LIMIT':
      return failure.limit === 'DataStorageMB'
        ? say(
            `The new records take about ${storageText(failure.needed)} of data storage, and the org has ${storageText(failure.remaining)} left.`,
            NOTHING_SENT,
            'Salesforce refuses new records when its storage is full. Free some storage, load fewer rows, or load anyway. In a script, add --yes.',
          )
        : say(
            `This load takes at least ${plural(failure.needed, 'batch', 'batches')} of the Bulk API, and the org has ${number(failure.remaining)} left for today.`,
            NOTHING_SENT,
            'Wait until some are free again (they count for 24 hours), load fewer rows, or load anyway. In a script, add --yes.',
          );
    case 'REHEARSAL_WROTE':
      return say(
        `The org should have taken everything back, but kept ${plural(failure.records.length, 'record')}: ${failure.records.slice(0, 20).join(', ')}.`,
        'These records were written. Nothing more was sent after them.',
        'Check them in the org and delete or restore them there. Don’t try rows in this org again.',
      );
    case 'REHEARSAL_UNSAFE':
      return say(
        'Longshore can’t be sure that this org takes back the rows you try.',
        'No rows were written.',
        'Load a few rows into a sandbox instead.',
      );
    case 'MERGE_UNKNOWN':
      return say('That merge no longer exists.', 'Nothing was changed.', 'Plan it again.');
    case 'LOAD_UNKNOWN':
      return say('That load no longer exists.', 'Nothing was changed.', 'Choose another load from the list.');
    case 'LOAD_NOT_RESUMABLE':
      return say('This load is not paused.', 'Nothing was changed.', 'See its report.');
    case 'LOAD_NOT_FINISHED':
      return say(
        'This load hasn’t ended, so not every row has its outcome.',
        'Nothing was changed.',
        'Continue or cancel it first.',
      );
    case 'UNDO_EMPTY':
      return say('There is nothing to undo here.', 'Nothing was changed.', 'See the report of this load.');
    case 'LOAD_COMPLETE':
      return say('This load has no second step to try again.', 'Nothing was changed.', 'See its report.');
    case 'LOAD_OPEN_ELSEWHERE':
      return say(
        failure.pid === 0
          ? 'Another copy of Longshore has this load open.'
          : `Another copy of Longshore (process ${failure.pid} on ${failure.host}) has this load open.`,
        'It continues there. Nothing was changed here.',
        'Watch it there, or close that copy first.',
      );
    case 'LOAD_STATE_UNKNOWN':
      return say(
        `Longshore doesn’t know yet whether job ${failure.jobId} was started.`,
        LOAD_KEPT,
        'Resume when the connection is back. Longshore checks the job before it sends anything.',
      );
    case 'LOAD_INTERRUPTED':
      return say(
        'Longshore was closed while this load was running.',
        LOAD_KEPT,
        'Resume the load. Longshore asks the org what was done and continues from there.',
      );
    case 'LOAD_PAUSED':
      return say(
        'You paused this load.',
        LOAD_KEPT,
        'Nothing more is sent until you resume it. Salesforce still works on the rows that it was given before. To stop these too, cancel the load.',
      );
    case 'JOB_DOES_NOT_FOLLOW':
      return say(
        failure.asked === 'close'
          ? `Salesforce accepted the request to close job ${failure.jobId} but still shows the job as open.`
          : `Salesforce has not stopped job ${failure.jobId} after several requests.`,
        LOAD_KEPT,
        'Resume to try again. You can see the job in Setup › Bulk Data Load Jobs.',
      );
    case 'JOURNAL_DAMAGED':
      return say(
        `The journal of this load ${JOURNAL[failure.problem]}${failure.line > 0 ? ` (line ${failure.line})` : ''}.`,
        'Longshore can’t tell what was sent, so it sends nothing more. Saved rows stay saved.',
        'Check the load’s jobs in Setup › Bulk Data Load Jobs, then plan the file again. Rows that arrived show as unchanged.',
      );
    case 'DATA_OPEN_ELSEWHERE':
      return say(
        `${failure.what} is open in another copy of Longshore${failure.pid === 0 ? '' : ` (process ${failure.pid})`}.`,
        'Nothing was changed.',
        'Continue there, or close that copy and try again.',
      );
    case 'DATA_DAMAGED':
      return say(
        `${failure.what} on this computer is damaged.`,
        'It was not changed, and nothing more is sent from it.',
        'Choose the file again and build a new plan. Rows that arrived show as unchanged.',
      );
    case 'DISK_FULL':
      return say(
        `The disk is full. Longshore could not write ${failure.what}.`,
        DISK_KEPT,
        'Free some space, then try again.',
      );
    case 'DISK_REFUSED':
      return say(
        `Longshore could not write ${failure.what} (${reasonText(failure.reason)}).`,
        DISK_KEPT,
        'Make sure that you can write to its folder, then try again.',
      );
    case 'FILE_NOT_SAVED':
      return notSavedText(failure);
    case 'STAGING_STOPPED':
      return say(
        'The part of Longshore that processes rows stopped.',
        failure.paused ? LOAD_KEPT : NOTHING_CHANGED,
        'Try again. It restarts by itself.',
      );
    case 'STAGING_OUT_OF_MEMORY':
      return say(
        'These rows need more memory than Longshore may use.',
        failure.paused ? LOAD_KEPT : NOTHING_CHANGED,
        failure.paused
          ? 'Close other files and plans, then resume the load.'
          : 'Split the file into smaller files, or map fewer columns.',
      );
    case 'DOCUMENT_UNREADABLE':
      return say(
        documentProblemText(failure),
        'It was not changed.',
        failure.problem === 'newer'
          ? 'Update Longshore on this computer.'
          : 'Look at the file in the data folder. Restore it from a backup, or move it away and make it again.',
      );
    case 'JOB_FILE_UNREADABLE':
      return say(jobFileText(failure), 'No job was changed.', 'Correct the file and import it again.');
    case 'JOB_UNKNOWN':
      return say('There is no such job.', 'Nothing was changed.', 'See the jobs with: longshore job list');
    case 'JOB_NAME_TAKEN':
      return say(
        `There is already a job “${failure.name}”.`,
        'It was not changed.',
        'Choose another name, or add --replace to put the new one in its place.',
      );
    case 'JOB_RUNNING':
      return say(
        failure.pid === 0
          ? `The job “${failure.name}” is running in another copy of Longshore.`
          : `The job “${failure.name}” is running in another copy of Longshore (process ${failure.pid} on ${failure.host}).`,
        'It continues there. Nothing was changed here.',
        'Wait until it has ended.',
      );
    case 'JOB_ORG_MISSING':
      return say(
        `This job is for ${failure.username} in org ${failure.organization}, and you are not signed in as that user.`,
        NOTHING_SENT,
        'Sign in as that user, or choose another user of the same org with --target-org.',
      );
    case 'JOB_OTHER_ORG':
      return say(
        `The job “${failure.name}” is for org ${failure.organization}, not for ${failure.org}.`,
        NOTHING_SENT,
        'Choose its own org. To use the job in another org, export it and import it again with --target-org.',
      );
    case 'JOB_PAUSED':
      return say(
        `The job “${failure.name}” has been paused since ${momentText(failure.at)}.`,
        NOTHING_SENT,
        'Resume it with “longshore job resume”, or run it this once with --even-paused.',
      );
    case 'CHANNEL_UNKNOWN':
      return say(
        `There is no alert channel “${failure.name}”.`,
        NOTHING_CHANGED,
        'Choose one of “longshore job alert channel list”, or add it.',
      );
    case 'CHANNEL_REFUSED':
      return say(REFUSED_CHANNEL[failure.why], 'Nothing was saved.', REFUSED_ADVICE[failure.why]);
    case 'ALERT_NOT_SENT':
      return say(
        `The alert by “${failure.channel}” did not arrive (${failure.reason}).`,
        NOTHING_CHANGED,
        'Check the address and the password of the channel, and add it again.',
      );
    case 'JOB_NO_FILE':
      return say(
        `There is no file “${failure.pattern}” in ${failure.folder}.`,
        NOTHING_SENT,
        'Put the file there, or choose one with --file.',
      );
    case 'RUN_UNKNOWN':
      return say('That run no longer exists.', 'Nothing was changed.', 'Run the job again.');
    case 'RUN_NOT_HELD':
      return say(NOT_HELD[failure.why], NOTHING_SENT, 'See its runs with: longshore job history');
    case 'RUN_OPEN':
      return say(
        `A run of “${failure.name}” was interrupted while it loaded (${failure.loadId}).`,
        'Saved rows stay saved, and no row is sent twice.',
        'Run the job: it continues that load first.',
      );
    case 'CANCELLED':
      return say('Canceled.', 'Nothing more was done.', 'Start again when you are ready.');
    case 'NOT_SUPPORTED':
      return say(`Longshore does not support ${failure.what} here.`, NOTHING_SENT, failure.instead);
    case 'CONNECTION_LOST':
      return say(
        'This window lost its connection to Longshore.',
        'Saved rows stay saved, and no row is sent twice.',
        'If Longshore is not running, start it again and open the address it shows in this tab.',
      );
    case 'REQUEST_TOO_LARGE':
      return say(
        `This is more than Longshore accepts at once (${number(Math.floor(failure.limit / 1024))} KB).`,
        'Nothing was changed.',
        'Save the pasted text as a file, and drop the file.',
      );
    case 'UPLOAD_NOT_WHOLE':
      return say(
        `“${failure.fileName}” did not arrive completely: ${number(failure.arrived)} of ${number(failure.stated)} bytes.`,
        'Nothing was kept.',
        'Wait until no other program is writing to it, then drop it again.',
      );
    case 'BAD_REQUEST':
      return say(
        `Longshore did not understand a request (${failure.where}: ${failure.problem}).`,
        'Nothing was changed.',
        'Reload the window. If it happens again, report it.',
      );
    case 'BUG':
      return say(
        `Something went wrong inside Longshore (incident ${failure.incidentId}).`,
        'Everything confirmed so far is safe.',
        `Try again. If it happens again, report the incident number${failure.log === '' ? '' : ` with the log (${failure.log})`}.`,
      );
    default:
      return assertNever(failure);
  }
}
