import type { DuplicateResult } from '../records/save-error.ts';

/** A request refused as a whole. Each protocol prints it its own way: REST as an array, Bulk 1.0 as XML, SOAP as a fault. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[] | null;
  readonly duplicates: DuplicateResult | null;

  constructor(
    status: number,
    errorCode: string,
    message: string,
    more: { fields?: readonly string[]; duplicates?: DuplicateResult | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = more.fields ?? null;
    this.duplicates = more.duplicates ?? null;
  }
}

export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
}

export function methodNotAllowed(method: string, allowed: string): ApiError {
  return new ApiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed. Allowed are ${allowed}`);
}
