import fc from 'fast-check';

/** A rule of the practice org's fault plan, and what the model may conclude from it. */
export interface Fault {
  readonly method?: string;
  readonly path: string;
  readonly nth?: number;
  readonly times?: number;
  readonly every?: number;
  readonly action: { readonly kind: string } & Readonly<Record<string, unknown>>;
}

interface FaultPoint {
  readonly name: string;
  readonly match: { readonly method?: string; readonly path: string };
  /** Actions that only make sense here. */
  readonly own: readonly Fault['action'][];
}

/** Results that are answered 200 and are not the job's. */
const LIES: readonly Fault['action'][] = [
  { kind: 'shorten-results', keep: 0 },
  { kind: 'shorten-results', keep: 1 },
  { kind: 'other-results' },
  { kind: 'purge-job' },
  { kind: 'answer', status: 200, contentType: 'text/csv', body: '' },
  { kind: 'answer', status: 200, contentType: 'text/csv', body: '"sf__Id","sf__Created","Foo"\n"1","true","x"\n' },
  { kind: 'answer', status: 204, body: '' },
];

export const FAULT_POINTS: readonly FaultPoint[] = [
  { name: 'create', match: { method: 'POST', path: '/jobs\\/ingest$/' }, own: [] },
  {
    name: 'upload',
    match: { method: 'PUT', path: '/batches$/' },
    own: [
      { kind: 'lose-bytes', keep: 60 },
      { kind: 'lose-bytes', keep: 300 },
      { kind: 'drop-upload', after: 10 },
      { kind: 'pretend' },
    ],
  },
  {
    // Both the close and an abort are this request.
    name: 'close or abort',
    match: { method: 'PATCH', path: '/jobs\\/ingest\\/[^/]+$/' },
    own: [
      { kind: 'pretend' },
      { kind: 'pretend' },
      { kind: 'fail-job', message: 'InvalidBatch : Field name not found : Foo__c' },
    ],
  },
  { name: 'poll', match: { method: 'GET', path: '/jobs\\/ingest\\/[^/]+$/' }, own: [{ kind: 'purge-job' }] },
  {
    name: 'results',
    match: { method: 'GET', path: '/(successful|failed)Results$|unprocessedrecords$/' },
    own: LIES,
  },
  { name: 'successful results', match: { method: 'GET', path: '/successfulResults$/' }, own: LIES },
  { name: 'job list', match: { method: 'GET', path: '/jobs\\/ingest$/' }, own: [] },
  { name: 'undelete', match: { method: 'POST', path: '/\\/Soap\\/u\\//' }, own: [] },
  { name: 'query', match: { method: 'GET', path: '/\\/query$/' }, own: [] },
  { name: 'describe', match: { method: 'GET', path: '/\\/describe$/' }, own: [] },
  { name: 'token', match: { method: 'POST', path: '/oauth2\\/token$/' }, own: [] },
];

const refusal = (status: number, errorCode: string, more: Record<string, unknown> = {}): Fault['action'] => ({
  kind: 'status',
  status,
  errorCode,
  message: 'by the fault plan',
  ...more,
});

const ANYWHERE: readonly Fault['action'][] = [
  refusal(503, 'SERVER_UNAVAILABLE'),
  refusal(503, 'SERVER_UNAVAILABLE', { retryAfter: 1 }),
  refusal(429, 'REQUEST_LIMIT_EXCEEDED', { retryAfter: 2 }),
  refusal(403, 'REQUEST_LIMIT_EXCEEDED'),
  refusal(404, 'NOT_FOUND'),
  refusal(500, 'UNKNOWN_EXCEPTION'),
  refusal(400, 'BULK_API_ERROR'),
  { kind: 'html', status: 200 },
  { kind: 'html', status: 503 },
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'truncate-answer' },
  { kind: 'expire-session' },
  { kind: 'revoke-everything' },
  { kind: 'delay', milliseconds: 40 },
  { kind: 'answer', status: 200, contentType: 'application/json', body: '{}' },
  { kind: 'answer', status: 200, contentType: 'application/json', body: '' },
  { kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' },
];

const often = fc.oneof(
  { weight: 4, arbitrary: fc.record({ nth: fc.constantFrom(1, 1, 2, 3), times: fc.constantFrom(1, 1, 2, 4) }) },
  { weight: 2, arbitrary: fc.constant({ every: 1 }) },
  { weight: 1, arbitrary: fc.constant({ every: 2 }) },
);

export function faultOf(point: FaultPoint): fc.Arbitrary<Fault> {
  const own = point.own.length > 0 ? [{ weight: 2, arbitrary: fc.constantFrom(...point.own) }] : [];
  const action = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ANYWHERE) }, ...own);
  return fc.tuple(action, often).map(([made, when]) => ({ ...point.match, ...when, action: made }));
}

/** What can be wrong with a data folder when a process opens it. */
export const DAMAGES = [
  /** What a kill in the middle of an append leaves. */
  'journal-torn',
  'journal-flipped',
  'journal-cut',
  'journal-gone',
  'manifest-garbage',
  'manifest-gone',
  'database-flipped',
  'database-gone',
  'results-flipped',
  'results-gone',
  'part-flipped',
  'part-gone',
] as const;
export type Damage = (typeof DAMAGES)[number];
