import { Readable } from 'node:stream';
import { messagePage } from '../auth/sign-in-pages.ts';
import { firstRecords, inventedRecords } from '../bulk/csv-records.ts';
import { ApiError } from '../http/api-error.ts';
import { errorAnswer, html, type Answer, type Target } from '../http/exchange.ts';
import type { Strikes } from './fault-plan.ts';

/** The answer of a request that is struck before anybody handles it, or null. */
export function answerInstead(strikes: Strikes): Answer | null {
  const status = strikes.find('status');
  if (status) {
    const answer = errorAnswer(new ApiError(status.status, status.errorCode, status.message));
    if (status.retryAfter !== undefined)
      answer.headers = { ...answer.headers, 'Retry-After': String(status.retryAfter) };
    return answer;
  }
  const page = strikes.find('html');
  if (page) return html(page.status, messagePage('Down for maintenance', 'We are down for maintenance.'));
  const given = strikes.find('answer');
  if (given)
    return {
      status: given.status,
      headers: { ...(given.contentType === undefined ? {} : { 'Content-Type': given.contentType }), ...given.headers },
      body: given.body,
    };
  const redirect = strikes.find('redirect');
  return redirect && { status: redirect.status, headers: { Location: redirect.location } };
}

interface ResultsPath {
  readonly family: 'ingest' | 'query';
  readonly id: string;
}

/** Which job's results a request reads, or null if it reads none. */
export function resultsOf(target: Target): ResultsPath | null {
  const [, family = '', id = ''] =
    /\/jobs\/(ingest|query)\/([^/]+)\/(?:successfulresults|failedresults|unprocessedrecords|results)$/i.exec(
      target.path,
    ) ?? [];
  return target.method === 'GET' && id !== '' ? { family: family.toLowerCase() as ResultsPath['family'], id } : null;
}

/** The id of the job that a request is about, or null. */
export function jobOf(target: Target): string | null {
  return /\/(?:jobs\/(?:ingest|query)|async\/\d+\.\d\/job)\/([^/]+)/i.exec(target.path)?.[1] ?? null;
}

/** The same request for another job's results; a locator is of no use there. */
export function askedOf(target: Target, from: ResultsPath, otherId: string): Target {
  const query = new URLSearchParams(target.query);
  query.delete('locator');
  return { ...target, query, path: target.path.replace(from.id, otherId) };
}

const asStream = (body: Answer['body']): Readable =>
  body instanceof Readable ? body : Readable.from([Buffer.from(body ?? '')]);

/** Result rows that no upload ever had, under the header that the answer has. */
export function invented(answer: Answer): Answer {
  if (answer.status !== 200) return answer;
  return { ...answer, body: inventedRecords(asStream(answer.body)) };
}

function shortened(answer: Answer, keep: number): Answer {
  const type = answer.headers?.['Content-Type'] ?? '';
  if (answer.status !== 200) return answer;
  if (type.startsWith('text/csv')) return { ...answer, body: firstRecords(asStream(answer.body), keep) };
  if (!type.includes('json') || answer.body instanceof Readable) return answer;
  const value = JSON.parse(String(answer.body)) as { records?: unknown };
  return Array.isArray(value.records)
    ? { ...answer, body: JSON.stringify({ ...value, records: value.records.slice(0, keep) }) }
    : answer;
}

/** What leaves in place of the answer that was made. `now` is the org's clock. */
export function distorted(strikes: Strikes, target: Target, answer: Answer, now: number): Answer {
  let made = answer;
  const shorten = strikes.find('shorten-results');
  if (shorten) made = shortened(made, shorten.keep);
  const move = strikes.find('move-instance');
  if (move && target.path === '/services/oauth2/token' && made.status === 200 && typeof made.body === 'string')
    made = {
      ...made,
      body: JSON.stringify({ ...(JSON.parse(made.body) as object), instance_url: move.url }),
    };
  const offset = strikes.find('date')?.offset ?? 0;
  return { ...made, headers: { ...made.headers, Date: new Date(now + offset).toUTCString() } };
}
