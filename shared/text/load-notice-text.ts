import { assertNever } from '../domain/assert-never.ts';
import type { LoadNotice } from '../domain/load-results.ts';
import { number, plural } from './counts.ts';

const PROBLEM: Record<Extract<LoadNotice, { code: 'RESULTS_NOT_BELIEVED' }>['problem'], string> = {
  missing: 'could not be downloaded',
  'not-results': 'does not have this job’s columns',
  count: 'does not have as many rows as the job counted',
  'other-rows': 'has rows that were not in this job',
};

/** What a person reads of a load beside its numbers. */
export function loadNoticeText(notice: LoadNotice): string {
  switch (notice.code) {
    case 'JOB_GONE':
      return `Salesforce no longer knows job ${notice.jobId}, so the outcome of its rows is unknown.`;
    case 'JOB_SLOW':
      return `Job ${notice.jobId} has made no progress for over half an hour. Salesforce may be busy. Longshore keeps checking, and you can cancel the load.`;
    case 'JOB_ENDED_EARLY':
      return `Job ${notice.jobId} ended early (${notice.state}${notice.message ? `: ${notice.message}` : ''}). No later part was sent.`;
    case 'STOPPED_BY_FAILURES':
      return `The load stopped itself because ${number(notice.failed)} of ${plural(notice.processed, 'row')} had failed. More rows may have been processed before Salesforce stopped.`;
    case 'RESULTS_NOT_BELIEVED':
      return `The file ${notice.file} of job ${notice.jobId} ${PROBLEM[notice.problem]}, so it was not used.`;
    case 'RESULTS_INCOMPLETE': {
      const others =
        notice.others === 0
          ? ''
          : ` and for ${plural(notice.others, 'row')} that ${notice.others === 1 ? 'was' : 'were'} not sent`;
      return `Job ${notice.jobId} returned results for ${number(notice.told)} of the ${plural(notice.sent, 'row')} sent${others}. Part of the upload may have been lost. Check the records that the job created.`;
    }
    case 'ROWS_LOOKED_UP':
      return `${plural(notice.settled + notice.unknown, 'row')}${notice.jobId === null ? '' : ` of job ${notice.jobId}`} had no result and ${notice.settled + notice.unknown === 1 ? 'was' : 'were'} looked up in the org: ${number(notice.settled)} resolved, ${number(notice.unknown)} still unknown.`;
    case 'JOBS_LEFT_OPEN':
      return `The org has open jobs that may belong to this load or to another program: ${notice.jobIds.join(', ')}. They contain no rows of this load. If nobody uses them, abort them in Setup › Bulk Data Load Jobs.`;
    default:
      return assertNever(notice);
  }
}
