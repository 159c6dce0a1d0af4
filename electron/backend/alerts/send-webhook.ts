import { createHmac } from 'node:crypto';
import type { Alert } from '../../../shared/domain/alert.ts';
import { AlertRefused } from './alert-refused.ts';

const ANSWERS_WITHIN = 15_000;

/**
 * Sends an alert to a webhook. A redirect is not followed: it would take the message, and its signature, elsewhere. Throws `AlertRefused`,
 * which says the status alone; what a server answers may repeat its own secret.
 */
export async function sendWebhook(
  alert: Alert,
  {
    url,
    shape,
    signingKey,
  }: { readonly url: string; readonly shape: 'generic' | 'slack'; readonly signingKey?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(shape === 'slack' ? slackMessage(alert) : { version: 1, ...alert });
  const headers = {
    'content-type': 'application/json',
    ...(signingKey === undefined ? {} : signed(body, signingKey, alert.at)),
  };
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN)]);
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal: within });
    await response.body?.cancel();
  } catch (error) {
    signal.throwIfAborted();
    throw new AlertRefused(reasonOf(error));
  }
  if (!response.ok) throw new AlertRefused(`HTTP ${response.status}`);
}

/** The system's own code, such as ECONNREFUSED: a message may have the address in it. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer';
  const cause: unknown = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'not reached';
}

/** A message of Slack's incoming webhooks; these three characters are its own (docs.slack.dev, "Formatting message text"). */
function slackMessage({ title, lines }: Alert): { text: string } {
  const plain = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return { text: [`*${plain(title)}*`, ...lines.map(plain)].join('\n') };
}

/** HMAC-SHA256 of the time and the body, so that an old message can't be sent once more. */
export function signed(body: string, key: string, at: number): Record<string, string> {
  const seconds = Math.floor(at / 1000);
  const digest = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return { 'x-longshore-timestamp': String(seconds), 'x-longshore-signature': `v1=${digest}` };
}
