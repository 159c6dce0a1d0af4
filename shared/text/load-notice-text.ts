import { assertNever } from '../domain/assert-never.ts';
import type { LoadNotice } from '../domain/load-results.ts';
import { number, plural } from './counts.ts';

const PROBLEM: Record<Extract<LoadNotice, { code: 'RESULTS_NOT_BELIEVED' }>['problem'], string> = {
  missing: 'could not be had',
  'not-results': 'does not hold this job’s columns',
  count: 'holds another number of rows than the job counted',
  'other-rows': 'holds rows that were not in this job',
};

/** What a person reads of a load beside its numbers. */
export function loadNoticeText(notice: LoadNotice): string {
  switch (notice.code) {
    case 'JOB_GONE':
      return `Salesforce no longer knows job ${notice.jobId}, so it can’t say what became of its rows.`;
    case 'JOB_SLOW':
      return `Job ${notice.jobId} made no progress for over half an hour. Salesforce may be busy; Longshore keeps asking, and you can cancel the load.`;
    case 'JOB_ENDED_EARLY':
      return `Job ${notice.jobId} ended early (${notice.state}${notice.message ? `: ${notice.message}` : ''}). No part after it was sent.`;
    case 'RESULTS_NOT_BELIEVED':
      return `The file ${notice.file} of job ${notice.jobId} ${PROBLEM[notice.problem]}, so it was not used.`;
    case 'RESULTS_INCOMPLETE': {
      const others =
        notice.others === 0
          ? ''
          : `, and of ${plural(notice.others, 'row')} that ${notice.others === 1 ? 'was' : 'were'} not sent`;
      return `Job ${notice.jobId} told of ${number(notice.told)} of the ${plural(notice.sent, 'row')} that were sent${others}. Part of the upload may have been lost; look at what the job made.`;
    }
    case 'ROWS_LOOKED_UP':
      return `${plural(notice.settled + notice.unknown, 'row')} of job ${notice.jobId} had no result and ${notice.settled + notice.unknown === 1 ? 'was' : 'were'} looked up in the org: ${number(notice.settled)} settled, ${number(notice.unknown)} still unknown.`;
    case 'JOBS_LEFT_OPEN':
      return `Open jobs in the org may be this load’s or another program’s: ${notice.jobIds.join(', ')}. They hold no rows of this load. If nobody uses them, abort them in Setup under “Bulk Data Load Jobs”.`;
    default:
      return assertNever(notice);
  }
}
