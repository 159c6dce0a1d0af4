import { createTransport } from 'nodemailer';
import type { Alert, ChannelWay } from '../../../shared/domain/alert.ts';
import { AlertRefused } from './alert-refused.ts';

const ANSWERS_WITHIN = 15_000;

/**
 * Sends an alert as a plain text. Where the mail is to be encrypted from a command on, a server that doesn't know it gets nothing
 * (`requireTLS`; nodemailer.com, "SMTP transport"). Throws `AlertRefused`, with the server's code alone.
 */
export async function sendMail(
  { title, lines }: Alert,
  { host, port, security, user, from, to }: Extract<ChannelWay, { kind: 'mail' }>,
  password: string | undefined,
): Promise<void> {
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: ANSWERS_WITHIN,
    greetingTimeout: ANSWERS_WITHIN,
    socketTimeout: ANSWERS_WITHIN,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from, to: [...to], subject: title, text: `${lines.join('\n')}\n` });
  } catch (error) {
    throw new AlertRefused(reasonOf(error));
  } finally {
    transport.close();
  }
}

/** What a server says may have the user's name or more in it; its codes have not. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not reached';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'not reached';
  const status = 'responseCode' in error && typeof error.responseCode === 'number' ? ` ${error.responseCode}` : '';
  return `${code}${status}`;
}
