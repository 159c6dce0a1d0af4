import type { LoadSnapshot } from '../domain/load-results.ts';
import { loadedGroups } from '../domain/row-groups.ts';
import { number, plural } from './counts.ts';
import { durationText } from './duration-text.ts';
import { loadStateText } from './load-state-text.ts';
import { loadTitle } from './load-title.ts';
import { groupSumText } from './row-group-text.ts';

/** A load told in lines of plain text, for whoever was not there: what it was, how it ended, what it took. Times are in UTC. */
export function loadStory(load: LoadSnapshot): string {
  const at = (time: number) => new Date(time).toISOString();
  const reasons = load.failures.groups.map(
    ({ rows, statusCode, fields }) => `  ${plural(rows, 'row')}: ${statusCode}${fields ? `, ${fields}` : ''}`,
  );
  const lines = [
    `${loadTitle(load)} in ${load.orgName}`,
    `File: ${load.fileName} (SHA-256 ${load.sourceDigest})`,
    `State: ${loadStateText(load).word}`,
    `Started: ${at(load.startedAt)}`,
    ...(load.finishedAt === null ? [] : [`Ended: ${at(load.finishedAt)}, after ${durationText(load.elapsed)} of work`]),
    `Rows: ${groupSumText(loadedGroups(load), load.rows)}`,
    `API calls: ${number(load.apiCalls)}`,
    ...(load.jobs.length > 0 ? [`Jobs: ${load.jobs.map(({ jobId }) => jobId).join(', ')}`] : []),
    ...(reasons.length > 0 ? ['Failures:', ...reasons] : []),
  ];
  return `${lines.join('\n')}\n`;
}
