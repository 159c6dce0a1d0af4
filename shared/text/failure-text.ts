import type { Failure } from '../contract/failure.ts';
import { assertNever } from '../domain/assert-never.ts';
import { callbackUrl } from '../domain/sign-in-callback.ts';
import { number, plural } from './counts.ts';
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
const DISK_KEPT = 'What was confirmed before is kept, and no row is sent twice.';
const LOAD_KEPT = 'The load is paused. Rows already saved stay saved, and no row is sent twice.';

function say(title: string, saved: string, next: string): FailureText {
  return { title, saved, next };
}

const STALE: Record<Extract<Failure, { code: 'PLAN_STALE' }>['why'], string> = {
  digest: 'This is not the plan that was reviewed.',
  describe: 'The object’s fields changed in the org after the plan was made.',
  used: 'This plan has been loaded already.',
  drift: 'Records in this plan were changed in the org after the plan was made.',
};

const JOURNAL: Record<Extract<Failure, { code: 'JOURNAL_DAMAGED' }>['problem'], string> = {
  checksum: 'is damaged',
  version: 'was written by another version of Longshore',
  order: 'holds steps that cannot follow one another',
  missing: 'is missing',
  unreadable: 'can’t be read',
  'cut-off': 'ends before the last step that is known of',
  'other-load': 'belongs to another load',
};

const WHILE_READ: Record<Extract<Failure, { code: 'FILE_CHANGED_WHILE_READ' }>['change'], string> = {
  grew: 'grew',
  shrank: 'became shorter',
  replaced: 'was changed or replaced',
};

const ARCHIVE_ADVICE: Record<Extract<Failure, { code: 'FILE_ARCHIVE' }>['problem'], string> = {
  several: 'Unpack it and drop the one you want to load.',
  nothing: 'Choose an archive with one CSV file in it.',
  encrypted: 'Unpack it with its password and drop the file inside.',
  damaged: 'Download or copy it again; part of it is missing or changed.',
  bomb: 'If it really is your data, unpack it yourself and drop the file inside.',
};

const WORKBOOK_ADVICE: Record<Extract<Failure, { code: 'FILE_WORKBOOK' }>['problem'], string> = {
  bomb: 'Save the sheet you want to load as CSV (UTF-8) and drop that.',
  damaged: 'Open it in Excel, let Excel repair it, save it and drop it again.',
  encrypted: 'Save it as .xlsx without a password.',
  'no-header': 'Choose a workbook with a header row and at least one record, or another sheet.',
  'no-sheet': 'Choose a workbook with a sheet of rows in it.',
};

const NOT_SAVED: Record<Extract<Failure, { code: 'FILE_NOT_SAVED' }>['why'], [title: string, next: string]> = {
  'in-use': [
    'is open in another program, such as Excel, and can’t be replaced.',
    'Close it there and try again, or choose another place.',
  ],
  'folder-gone': ['can’t be saved: its folder is no longer there.', 'Choose another place.'],
  'not-allowed': ['can’t be saved: you may not write there.', 'Choose another place.'],
  'disk-full': ['can’t be saved: the disk is full.', 'Free some space and try again, or choose another place.'],
  other: ['can’t be saved there.', 'Choose another place.'],
};

function notSavedText({ place, why, reason }: Extract<Failure, { code: 'FILE_NOT_SAVED' }>): FailureText {
  const [title, next] = NOT_SAVED[why];
  const told = why === 'other' ? `${title.slice(0, -1)} (${reasonText(reason)}).` : title;
  return say(`“${place}” ${told}`, 'Nothing was written there, and nothing in Longshore is lost.', next);
}

function workbookText({ fileName, problem, sheet }: Extract<Failure, { code: 'FILE_WORKBOOK' }>): string {
  switch (problem) {
    case 'bomb':
      return `“${fileName}” expands to more than 512 MB, or far more than a workbook does; it was not opened.`;
    case 'damaged':
      return `“${fileName}” is damaged: part of the workbook is missing or not as it should be.`;
    case 'encrypted':
      return `“${fileName}” is locked with a password.`;
    case 'no-header':
      return sheet === ''
        ? `No sheet of “${fileName}” has a header row with records below it.`
        : `Sheet “${sheet}” of “${fileName}” has no header row there.`;
    case 'no-sheet':
      return sheet === '' ? `“${fileName}” has no sheet of cells.` : `“${fileName}” has no sheet “${sheet}” any more.`;
    default:
      return assertNever(problem);
  }
}

/** What keeps files from being read as one. */
function differenceText({ difference }: Extract<Failure, { code: 'FILE_SEVERAL' }>): string {
  const { fileName, missing, extra } = difference;
  const facts = [
    ...(missing.length > 0 ? [`it lacks ${missing.map((name) => `“${name}”`).join(', ')}`] : []),
    ...(extra.length > 0 ? [`it also has ${extra.map((name) => `“${name}”`).join(', ')}`] : []),
  ];
  const why = facts.length > 0 ? facts.join(' and ') : 'its columns are in another order';
  return `Files are read as one if their columns are the same. “${fileName}” differs from the first: ${why}.`;
}

function archiveText({ fileName, problem, entries }: Extract<Failure, { code: 'FILE_ARCHIVE' }>): string {
  switch (problem) {
    case 'several': {
      const more = entries.length > 5 ? ', …' : '';
      return `“${fileName}” holds ${plural(entries.length, 'file')}: ${entries.slice(0, 5).join(', ')}${more}.`;
    }
    case 'nothing':
      return `“${fileName}” holds no file.`;
    case 'encrypted':
      return `“${fileName}” is locked with a password.`;
    case 'damaged':
      return `“${fileName}” is a damaged archive.`;
    case 'bomb':
      return `“${fileName}” expands to more than 512 MB, over 200 times its size; it was not opened further.`;
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
        'Choose a file with a header row and at least one record.',
      );
    case 'FILE_HEADER_ONLY':
      return say(
        `“${failure.fileName}” has ${plural(failure.columns, 'column')} but no records.`,
        NOTHING_SENT,
        'Add at least one record below the header, or choose another file.',
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
        'Rows after it cannot be read safely, so none were read. ' + NOTHING_SENT,
        'Close the quote on that line, or choose another delimiter if the quote is not meant as one.',
      );
    case 'FILE_TOO_MANY_COLUMNS':
      return say(
        `${plural(failure.columns, 'column')}; Salesforce accepts at most 5,000 fields per record.`,
        NOTHING_SENT,
        'Check the delimiter, or remove columns you do not load.',
      );
    case 'FILE_UNREADABLE':
      return say(
        `“${failure.fileName}” can no longer be read (${reasonText(failure.reason)}).`,
        NOTHING_SENT,
        'Check that the file is still there and that you may open it, then drop it again.',
      );
    case 'FILE_IS_FOLDER':
      return say('That is a folder.', NOTHING_SENT, 'Drop one CSV or XLSX file, or several with the same columns.');
    case 'FILE_CHANGED_WHILE_READ':
      return say(
        `“${failure.fileName}” ${WHILE_READ[failure.change]} while it was read.`,
        NOTHING_SENT,
        failure.change === 'grew'
          ? 'Open it again to read it as it is now, or plan with the rows it had when it was opened.'
          : 'Wait until nothing writes to it, then open it again.',
      );
    case 'FILE_SEVERAL':
      return say(
        `Drop one file at a time. (${plural(failure.fileNames.length, 'file')}: ${failure.fileNames.join(', ')}.)`,
        NOTHING_SENT,
        differenceText(failure),
      );
    case 'FILE_WORKBOOK':
      return say(workbookText(failure), NOTHING_SENT, WORKBOOK_ADVICE[failure.problem]);
    case 'FILE_JSON':
      return say(
        `“${failure.fileName}” cannot be read as JSON: ${failure.problem} (line ${number(failure.line)}).`,
        NOTHING_SENT,
        'Longshore reads one array of records, or one record a line. Mend the file, or export it as CSV.',
      );
    case 'CLEANING_REFUSED':
      return say(
        `“${failure.what}” cannot be used here: ${failure.problem}.`,
        'No row was changed.',
        'Change the step. Patterns are RE2’s: no look-ahead and no back-references inside the pattern.',
      );
    case 'SOURCE_UNKNOWN':
      return say('This file is no longer open in Longshore.', NOTHING_SENT, 'Drop it again.');
    case 'SOURCE_NOT_STAGED':
      return say('The file is still being read.', NOTHING_SENT, 'Wait until every row is read, then try again.');
    case 'ORG_UNKNOWN':
      return say('You are not signed in to that org.', NOTHING_SENT, 'Sign in first.');
    case 'ORG_SESSION_EXPIRED':
      return say(
        failure.why === undefined
          ? `Your session${failure.username ? ` as ${failure.username}` : ''} has ended.`
          : `${failure.username || 'This org'} needs a sign-in. ${sessionTroubleText(failure.why)}.`,
        'Your file, mapping and plan are kept.',
        failure.via === 'sf'
          ? 'It belongs to the Salesforce CLI: run “sf org login web” there, then go on.'
          : 'Sign in again to go on.',
      );
    case 'SIGN_IN_REFUSED':
      return signInRefused(failure);
    case 'SIGN_IN_OTHER_USER':
      return say(
        `You signed in as ${failure.got}, not as ${failure.wanted}.`,
        NOT_SIGNED_IN,
        `Sign in as ${failure.wanted} to go on, or connect ${failure.got} as another org.`,
      );
    case 'TOKEN_INVALID':
      return say(
        'That is not an access token.',
        NOT_SIGNED_IN,
        'Copy it whole: it begins with 00D and has a “!” in it.',
      );
    case 'KEY_FILE_UNREADABLE':
      return say(
        failure.reason === ''
          ? `“${failure.fileName}” is not an RSA private key without a passphrase.`
          : `“${failure.fileName}” can’t be read (${reasonText(failure.reason)}).`,
        NOT_SIGNED_IN,
        'Give the PEM file with the private key that belongs to the app’s certificate.',
      );
    case 'SF_ORG_UNUSABLE':
      return say(
        `${failure.username}: ${sfProblemText(failure.problem)}`,
        'Nothing of the Salesforce CLI was changed.',
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
        `Longshore needs one of the ports ${failure.ports.join(', ')} for the sign-in, and all are taken.`,
        NOT_SIGNED_IN,
        'Close the other program (often another sign-in window) and try again.',
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
          ? `“${failure.value}” is not an address of Salesforce.`
          : `“${failure.value}” is not a sign-in address.`,
        NOT_SIGNED_IN,
        'Enter your My Domain, such as acme.my.salesforce.com.',
      );
    case 'ORG_UNREACHABLE':
      return say(
        `${failure.host || 'The org'} cannot be reached (${reasonText(failure.reason)}).`,
        'What was confirmed before is safe; nothing is sent while the connection is away.',
        'Check your connection and try again.',
      );
    case 'ORG_REFUSED':
      return say(
        `Salesforce refused the request: ${failure.message} (${failure.errorCode}).`,
        'Nothing more was sent.',
        'Change what the message names, then try again.',
      );
    case 'ORG_ANSWER_UNREADABLE':
      return say(
        `Salesforce answered with something unreadable (${failure.status}, ${failure.what}).`,
        'Nothing more was sent.',
        'The org may be down for maintenance. Try again in a few minutes.',
      );
    case 'ORG_API_LIMIT':
      return say(
        `The org’s API requests for today are used up. (${failure.message})`,
        LOAD_KEPT,
        'Wait until the 24-hour window moves on, or ask for more requests, then resume.',
      );
    case 'ORG_REDIRECT_REFUSED':
      return say(
        `The org pointed to another address (${failure.host}), which Longshore does not follow.`,
        'Your token was not sent there.',
        'Sign in again with the right address.',
      );
    case 'ORG_READ_ONLY':
      return say(
        `${failure.org} is set to read-only in Longshore.`,
        NOTHING_SENT,
        'To load there, open the org’s page (“About this org” beside its badge) and allow changes, or choose another org.',
      );
    case 'OBJECT_UNKNOWN':
      return say(
        `There is no object ${failure.object} in this org that you can see.`,
        NOTHING_SENT,
        'Choose another object.',
      );
    case 'PRACTICE_ORG_FAILED':
      return say(
        `The practice org did not start (${failure.reason}).`,
        NOTHING_SENT,
        'Try again; if it stays, restart Longshore.',
      );
    case 'MAPPING_BLOCKED':
      return say(
        `The mapping has ${plural(failure.problems, 'problem')} that must be solved first.`,
        NOTHING_SENT,
        'Go back to the mapping.',
      );
    case 'APPROVAL_UNUSABLE':
      return failure.why === 'other'
        ? say(
            `“${failure.fileName}” approves another plan, or this one before it was changed.`,
            'This plan is not approved.',
            'Send the plan again to have it approved.',
          )
        : say(
            `“${failure.fileName}” is not an approval.`,
            'This plan is not approved.',
            'Choose the file that was saved when the plan’s page was approved.',
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
            'Choose a .json file saved here or an .sdl file.',
          );
    case 'PLAN_UNKNOWN':
      return say('That plan no longer exists.', NOTHING_SENT, 'Build it again.');
    case 'PLAN_STALE':
      return say(
        `${STALE[failure.why]}${failure.why === 'drift' && failure.rows > 0 ? ` (${plural(failure.rows, 'record')})` : ''}`,
        NOTHING_SENT,
        failure.why === 'used'
          ? 'See its report, or build a new plan.'
          : 'Build the plan again and review what is different.',
      );
    case 'PLAN_EMPTY':
      return say('This plan changes nothing.', NOTHING_SENT, 'Every row is unchanged, repeated, left out or not sent.');
    case 'CONFIRMATION_NEEDED':
      return say(
        `${failure.org} is a production org: this load would ${failure.deletes > 0 ? `delete ${plural(failure.deletes, 'record')}` : `change ${plural(failure.changes, 'record')}`} there.`,
        NOTHING_SENT,
        `Type ${failure.changes} or the org’s name to confirm it; in a script, add --yes.`,
      );
    case 'API_BUDGET':
      return say(
        `This load takes at least ${failure.resuming ? `${number(failure.needed)} more API ${failure.needed === 1 ? 'call' : 'calls'}` : plural(failure.needed, 'API call')}: more than ${failure.percent} % of the ${plural(failure.remaining, 'call')} that the org has left for today.`,
        failure.resuming ? 'Nothing more was sent.' : NOTHING_SENT,
        'Load all the same if nobody else needs them, wait until tomorrow, or change the share in the settings. In a script, add --yes.',
      );
    case 'REHEARSAL_WROTE':
      return say(
        `The org was told to take everything back, and kept ${plural(failure.records.length, 'record')}: ${failure.records.slice(0, 20).join(', ')}.`,
        'These records were written. Nothing more was sent after them.',
        'Look at them in the org, and delete or restore them there. Don’t try rows in this org again.',
      );
    case 'REHEARSAL_UNSAFE':
      return say(
        'It can’t be made sure that this org would take back the rows it is given for a try.',
        'None was written.',
        'Load a few rows into a sandbox instead.',
      );
    case 'LOAD_UNKNOWN':
      return say('That load no longer exists.', 'Nothing was changed.', 'Choose another from the list.');
    case 'LOAD_NOT_RESUMABLE':
      return say('This load is not paused.', 'Nothing was changed.', 'See its report.');
    case 'LOAD_OPEN_ELSEWHERE':
      return say(
        failure.pid === 0
          ? 'Another Longshore has this load open.'
          : `Another Longshore (process ${failure.pid} on ${failure.host}) has this load open.`,
        'It goes on there; nothing was changed here.',
        'Watch it there, or close that one first.',
      );
    case 'LOAD_STATE_UNKNOWN':
      return say(
        `It is not known yet whether job ${failure.jobId} was started.`,
        LOAD_KEPT,
        'Resume when the connection is back: Longshore asks before it sends anything.',
      );
    case 'LOAD_INTERRUPTED':
      return say(
        'Longshore was closed while this load ran.',
        LOAD_KEPT,
        'Resume to ask the org what was done and go on.',
      );
    case 'JOB_DOES_NOT_FOLLOW':
      return say(
        failure.asked === 'close'
          ? `Salesforce accepts that job ${failure.jobId} is closed, yet still shows it as open.`
          : `Salesforce does not stop job ${failure.jobId}, though it was asked again and again.`,
        LOAD_KEPT,
        'Resume to try again. In Setup, “Bulk Data Load Jobs” shows the job.',
      );
    case 'JOURNAL_DAMAGED':
      return say(
        `The journal of this load ${JOURNAL[failure.problem]}${failure.line > 0 ? ` (line ${failure.line})` : ''}.`,
        'Longshore can’t tell what was sent, so it sends nothing more. Rows already saved stay saved.',
        'Look at the load’s jobs in Setup under “Bulk Data Load Jobs”, then plan the file again: rows that arrived are unchanged.',
      );
    case 'DATA_OPEN_ELSEWHERE':
      return say(
        `${failure.what} is open in another Longshore${failure.pid === 0 ? '' : ` (process ${failure.pid})`}.`,
        'Nothing was changed.',
        'Go on there, or close that one and try again.',
      );
    case 'DATA_DAMAGED':
      return say(
        `${failure.what} on this computer is damaged.`,
        'It was left as it is, and nothing more is sent from it.',
        'Choose the file again and make a new plan: rows that arrived are unchanged.',
      );
    case 'DISK_FULL':
      return say(
        `The disk is full: ${failure.what} could not be written.`,
        DISK_KEPT,
        'Free some space, then try again.',
      );
    case 'DISK_REFUSED':
      return say(
        `This computer did not let Longshore write ${failure.what} (${reasonText(failure.reason)}).`,
        DISK_KEPT,
        'Make sure that its folder can be written to, then try again.',
      );
    case 'FILE_NOT_SAVED':
      return notSavedText(failure);
    case 'STAGING_STOPPED':
      return say('The part of Longshore that works on rows stopped.', LOAD_KEPT, 'Try again: it is started anew.');
    case 'STAGING_OUT_OF_MEMORY':
      return say(
        'Working on these rows takes more memory than Longshore may use.',
        LOAD_KEPT,
        'Split the file into smaller ones, or map fewer of its columns.',
      );
    case 'CANCELLED':
      return say('Cancelled.', 'Nothing more was done.', 'Start again when you are ready.');
    case 'NOT_SUPPORTED':
      return say(`Longshore does not support ${failure.what} yet.`, NOTHING_SENT, failure.instead);
    case 'CONNECTION_LOST':
      return say(
        'This window has lost Longshore.',
        'What Salesforce has saved stays saved, and no row is sent twice.',
        'If Longshore has ended, start it again and open the address it shows in this tab.',
      );
    case 'REQUEST_TOO_LARGE':
      return say(
        `That is more than Longshore takes at once (${number(Math.floor(failure.limit / 1024))} KB).`,
        'Nothing was changed.',
        'Put pasted text into a file, and drop the file.',
      );
    case 'UPLOAD_NOT_WHOLE':
      return say(
        `“${failure.fileName}” did not arrive as it is: ${number(failure.arrived)} bytes came of ${number(failure.stated)}.`,
        'Nothing of it was kept.',
        'Wait until no other program writes to it, then drop it again.',
      );
    case 'BAD_REQUEST':
      return say(
        `A request was not understood (${failure.where}: ${failure.problem}).`,
        'Nothing was changed.',
        'Reload the window. If it happens again, report it.',
      );
    case 'BUG':
      return say(
        `Something went wrong inside Longshore (incident ${failure.incidentId}).`,
        'What was confirmed before is safe.',
        `Try again. If it happens again, report the incident number${failure.log === '' ? '' : ` with the log (${failure.log})`}.`,
      );
    default:
      return assertNever(failure);
  }
}
