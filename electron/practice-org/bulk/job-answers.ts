import { ApiError, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { Call } from '../rest/call.ts';

/** A job on the org's page. */
export interface JobSummary {
  readonly id: string;
  readonly kind: string;
  readonly object: string;
  readonly operation: string;
  readonly state: string;
  readonly processed: number;
  readonly failed: number;
}

/** Jobs in one page of a list (Bulk API 2.0 guide, "Get Information About All Jobs"). */
const JOBS_PAGE = 1000;

export const jobError = (message: string): ApiError => new ApiError(400, 'INVALIDJOB', `InvalidJob : ${message}`);
export const stateError = (message: string): ApiError =>
  new ApiError(400, 'INVALIDJOBSTATE', `InvalidJobState : ${message}`);

export function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** A job by its id of 18 characters or 15. */
export function jobNamed<T>(jobs: ReadonlyMap<string, T>, id: string): T {
  const job = jobs.get(id) ?? (id.length === 15 ? [...jobs].find(([known]) => known.startsWith(id))?.[1] : undefined);
  if (!job) throw notFound();
  return job;
}

export function jobsPage(call: Call, infos: Record<string, unknown>[], family: string): Answer {
  const start = Number(call.exchange.query.get('queryLocator') ?? 0) || 0;
  const end = start + JOBS_PAGE;
  const done = end >= infos.length;
  return json(200, {
    done,
    records: infos.slice(start, end),
    nextRecordsUrl: done ? null : `/services/data/v${call.version}/jobs/${family}?queryLocator=${end}`,
  });
}
