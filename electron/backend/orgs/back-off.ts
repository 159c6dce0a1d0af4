/** How reads are repeated. Times in milliseconds. */
export const BACK_OFF = {
  /** Tries of one call, the first included. */
  attempts: 6,
  /** The pause before the second try; each later one is twice as long, up to the cap. */
  first: 250,
  /** No pause is longer, whatever the org asks for: a person waits behind most of them. */
  cap: 30_000,
  /** No try begins later than this after the call did. */
  budget: 300_000,
} as const;

/**
 * How long to wait after a failed try. The org's own wish (`Retry-After`) counts up to the cap; without one the pause
 * doubles, with a quarter of jitter to either side so that many callers do not come back at once.
 * @param attempt 1 after the first try
 * @param fraction random, from 0 to 1
 */
export function pauseAfter(attempt: number, retryAfter: number | null, fraction: number): number {
  if (retryAfter !== null) return Math.min(retryAfter, BACK_OFF.cap);
  return Math.min(BACK_OFF.first * 2 ** (attempt - 1) * (0.75 + fraction / 2), BACK_OFF.cap);
}

/**
 * `Retry-After` in milliseconds: whole seconds or an HTTP date (RFC 9110, section 10.2.3), the latter by the org's clock.
 * Null for none, or for one that says nothing.
 */
export function retryAfterOf(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
