import { z } from 'zod';
import { ApiError, methodNotAllowed } from '../http/api-error.ts';
import { errorAnswer, json, type Answer, type Exchange } from '../http/exchange.ts';
import { plainText } from '../http/plain-text.ts';
import { bodyOf, type Call } from './call.ts';

/** Answers a request inside another one; the REST API itself. */
export type Dispatch = (call: Call) => Answer;

const CompositeBody = z.object({
  allOrNone: z.boolean().default(false),
  compositeRequest: z.array(
    z.object({
      method: z.string(),
      url: z.string(),
      referenceId: z.string(),
      body: z.unknown().optional(),
      httpHeaders: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
const BatchBody = z.object({
  haltOnError: z.boolean().default(false),
  batchRequests: z.array(z.object({ method: z.string(), url: z.string(), richInput: z.unknown().optional() })),
});

function checked<T>(schema: z.ZodType<T>, call: Call): T {
  const parsed = schema.safeParse(bodyOf(call));
  if (!parsed.success) throw new ApiError(400, 'JSON_PARSER_ERROR', z.prettifyError(parsed.error));
  return parsed.data;
}

function inner(call: Call, method: string, url: string, body: unknown, headers: Record<string, string>): Call {
  const target = new URL(url.replace(/^(?=[^/])/, '/services/data/'), 'http://org');
  const match = /^\/services\/data\/v(\d+\.\d)\/(.*)$/.exec(target.pathname.replace(/\/{2,}/g, '/'));
  if (!match) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  const folded = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const exchange: Exchange = {
    method: method.toUpperCase(),
    path: target.pathname,
    query: target.searchParams,
    headers: { ...call.exchange.headers, ...folded },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    origin: call.exchange.origin,
  };
  const path = (match[2] ?? '').split('/').filter(Boolean).map(decodeURIComponent);
  return { ...call, exchange, version: match[1] ?? call.version, path };
}

function answered(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    if (error instanceof URIError)
      return errorAnswer(new ApiError(400, 'MALFORMED_URL', 'the path is not percent-encoded correctly'));
    throw error;
  }
}

function bodyText(answer: Answer): unknown {
  const text =
    typeof answer.body === 'string' ? answer.body : answer.body instanceof Buffer ? answer.body.toString('utf8') : '';
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `@{ref.field}`, `@{ref.records[0].Id}`: values of earlier answers. Throws PROCESSING_HALTED for one that is not there. */
function substituted(value: unknown, answers: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') {
    return value.replace(/@\{([\w.[\]]+)\}/g, (_all, path: string) => {
      const [reference = '', ...steps] = path.split(/[.[\]]+/).filter(Boolean);
      let at: unknown = answers.get(reference);
      for (const step of steps)
        at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined;
      if (at === undefined || at === null)
        throw new ApiError(
          400,
          'PROCESSING_HALTED',
          `Invalid reference specified. No value for ${path} found in ${reference}`,
        );
      return typeof at === 'object' ? JSON.stringify(at) : plainText(at);
    });
  }
  if (Array.isArray(value)) return value.map((one) => substituted(one, answers));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substituted(one, answers)]));
  return value;
}

class Halted extends Error {}

interface SubAnswer {
  body: unknown;
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
  readonly referenceId: string;
}

const HALTED = [
  {
    errorCode: 'PROCESSING_HALTED',
    message: 'The transaction was rolled back since another operation in the same transaction failed.',
  },
];

/**
 * `composite` (REST API Developer Guide, "Composite"): up to 25 requests in order, later ones using what earlier ones
 * answered. With allOrNone a failure undoes all of them; nothing waits in between, so one transaction holds them.
 */
export function composite(call: Call, dispatch: Dispatch): Answer {
  if (call.exchange.method !== 'POST') throw methodNotAllowed(call.exchange.method, 'POST');
  const { allOrNone, compositeRequest } = checked(CompositeBody, call);
  if (compositeRequest.length > 25)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The maximum number of subrequests is 25, the request has ${compositeRequest.length}`,
    );
  const answers = new Map<string, unknown>();
  const results: SubAnswer[] = [];
  let failedAt = -1;
  const run = (): void => {
    for (const { method, url, referenceId, body, httpHeaders } of compositeRequest) {
      if (results.some((result) => result.referenceId === referenceId))
        throw new ApiError(400, 'INVALID_INPUT', `Duplicate ReferenceId provided in the request: ${referenceId}`);
      if (failedAt >= 0 && allOrNone) {
        results.push({ body: HALTED, httpHeaders: {}, httpStatusCode: 400, referenceId });
        continue;
      }
      const answer = answered(() =>
        dispatch(inner(call, method, String(substituted(url, answers)), substituted(body, answers), httpHeaders)),
      );
      const content = bodyText(answer);
      const location = answer.headers?.['Location'];
      if (answer.status < 400) answers.set(referenceId, content);
      else if (failedAt < 0) failedAt = results.length;
      results.push({
        body: content,
        httpHeaders: location === undefined ? {} : { Location: location },
        httpStatusCode: answer.status,
        referenceId,
      });
    }
    if (failedAt >= 0 && allOrNone) throw new Halted();
  };
  try {
    const info = { userId: call.session.userId, origin: `com/salesforce/api/rest/${call.version}` };
    if (allOrNone) call.org.data.store.transaction(info, run);
    else run();
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    results.forEach((result, index) => {
      if (index !== failedAt) Object.assign(result, { httpStatusCode: 400, body: HALTED });
    });
  }
  return json(200, { compositeResponse: results });
}

/** `composite/batch`: up to 25 independent requests. */
export function batch(call: Call, dispatch: Dispatch): Answer {
  if (call.exchange.method !== 'POST') throw methodNotAllowed(call.exchange.method, 'POST');
  const { haltOnError, batchRequests } = checked(BatchBody, call);
  if (batchRequests.length > 25)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The maximum number of subrequests is 25, the request has ${batchRequests.length}`,
    );
  const results: { result: unknown; statusCode: number }[] = [];
  let failed = false;
  for (const request of batchRequests) {
    if (failed && haltOnError) {
      const result = [{ errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' }];
      results.push({ statusCode: 412, result });
      continue;
    }
    const answer = answered(() => dispatch(inner(call, request.method, request.url, request.richInput, {})));
    failed ||= answer.status >= 400;
    results.push({ statusCode: answer.status, result: bodyText(answer) });
  }
  return json(200, { hasErrors: failed, results });
}
