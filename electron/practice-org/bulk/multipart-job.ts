import { ApiError } from '../http/api-error.ts';

/** The job part of a multipart request as an object. */
export function parseJob(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(part);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for every other body that is no JSON object.
  }
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'The job part of the request is not a JSON object');
}

/** The two parts of a multipart job (Bulk API 2.0 guide, "Create a Job", multipart requests). */
export function multipartOf(body: Buffer, boundary: string): { job: string; content: string } {
  const parts = body.toString('utf8').split(`--${boundary}`);
  const named = (name: string): string | null => {
    for (const part of parts) {
      const split = part.indexOf('\r\n\r\n') >= 0 ? '\r\n\r\n' : '\n\n';
      const at = part.indexOf(split);
      if (
        at > 0 &&
        part
          .slice(0, at)
          .toLowerCase()
          .replaceAll('"', '')
          .split(/[;\s]+/)
          .includes(`name=${name}`)
      )
        return part.slice(at + split.length).replace(/\r?\n$/, '');
    }
    return null;
  };
  const [job, content] = [named('job'), named('content')];
  if (job === null || content === null)
    throw new ApiError(
      400,
      'INVALIDJOB',
      'InvalidJob : a multipart request has a part named job and a part named content',
    );
  return { job, content };
}
