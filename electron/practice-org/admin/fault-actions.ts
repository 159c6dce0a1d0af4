import { z } from 'zod';

/** What a fault does to the request it strikes. Unless it says otherwise it is applied before the request is handled. */
export const FaultAction = z.discriminatedUnion('kind', [
  /** Refused with an error of the API's own shape; with `every: 1` for ever. `retryAfter` is the header, in seconds. */
  z.object({
    kind: z.literal('status'),
    status: z.number(),
    errorCode: z.string(),
    message: z.string(),
    retryAfter: z.number().optional(),
  }),
  z.object({ kind: z.literal('html'), status: z.number() }),
  /** The request has no effect and gets exactly this answer; without `contentType` it has none. */
  z.object({
    kind: z.literal('answer'),
    status: z.number(),
    contentType: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string(),
  }),
  /**
   * The request has no effect and is answered as if it had one. `status` is the answer to an upload, 201 if it is left
   * out. What would be refused is refused as always.
   */
  z.object({ kind: z.literal('pretend'), status: z.number().optional() }),
  z.object({ kind: z.literal('redirect'), location: z.string(), status: z.number().default(302) }),
  /** `before`: the request has no effect. `after`: it takes effect and only the answer is lost. */
  z.object({ kind: z.literal('reset'), when: z.enum(['before', 'after']) }),
  z.object({ kind: z.literal('expire-session') }),
  z.object({ kind: z.literal('revoke-everything') }),
  z.object({ kind: z.literal('truncate-answer') }),
  /** After the request was handled: result rows beyond the first `keep` are left out, and the counts beside them stay. */
  z.object({ kind: z.literal('shorten-results'), keep: z.number().int().nonnegative() }),
  /**
   * Results are those of another ended job: `jobId`, or the newest other one. If there is none, the job's own header
   * with invented rows.
   */
  z.object({ kind: z.literal('other-results'), jobId: z.string().optional() }),
  /** The answer's `Date` header is off by so many milliseconds. */
  z.object({ kind: z.literal('date'), offset: z.number() }),
  /** An answer of the token endpoint sends the client to this instance. */
  z.object({ kind: z.literal('move-instance'), url: z.string() }),
  /** From this request on the object has no such field, until the org is reset or started anew. */
  z.object({ kind: z.literal('remove-field'), object: z.string(), field: z.string() }),
  /** The job that the request names is gone, with its results, before the request is handled. */
  z.object({ kind: z.literal('purge-job') }),
  /** Only the first bytes of the upload are kept, and nobody says so. */
  z.object({ kind: z.literal('lose-bytes'), keep: z.number() }),
  /** The connection goes when so many bytes of the body have come. */
  z.object({ kind: z.literal('drop-upload'), after: z.number() }),
  z.object({ kind: z.literal('slow-upload'), bytesPerSecond: z.number().positive() }),
  z.object({ kind: z.literal('delay'), milliseconds: z.number() }),
  /** The next job that is closed fails with this message and processes nothing. */
  z.object({ kind: z.literal('fail-job'), message: z.string() }),
]);
export type FaultAction = z.infer<typeof FaultAction>;
