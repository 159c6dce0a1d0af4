import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { isLoopback } from './instance-url.ts';

/** How a session is renewed that has no refresh token. */
export const RenewBy = z.discriminatedUnion('kind', [
  /** The key stays in its file: only where that is is kept. */
  z.object({ kind: z.literal('jwt'), keyFile: z.string(), audience: z.string() }),
  z.object({ kind: z.literal('client-credentials'), clientSecret: z.string() }),
  /** By the official CLI, which keeps it. */
  z.object({ kind: z.literal('sf') }),
]);
export type RenewBy = z.infer<typeof RenewBy>;

/** Salesforce takes an assertion for three minutes at most (Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"). */
const ASSERTION_SECONDS = 170;

/** What is posted to the token endpoint, and what of it no message may quote. */
export interface Grant {
  readonly params: { grant_type: string; [name: string]: string };
  readonly secrets: readonly string[];
}

/**
 * Whom an assertion is for. Help, "OAuth 2.0 JWT Bearer Flow": the authorization server, login.salesforce.com or
 * test.salesforce.com; a sandbox's or scratch org's My Domain is told from production's by its host.
 */
export function audienceOf(loginUrl: string): string {
  const { hostname, origin } = new URL(loginUrl);
  if (isLoopback(hostname)) return origin;
  const isTest = /^test\.|\.(?:sandbox|scratch)\.my\.|--/.test(hostname);
  return isTest ? 'https://test.salesforce.com' : 'https://login.salesforce.com';
}

/** RFC 7523 with RS256. Throws `KEY_FILE_UNREADABLE`. `now` is in milliseconds. */
export async function jwtGrant(
  { keyFile, audience }: Extract<RenewBy, { kind: 'jwt' }>,
  who: { readonly clientId: string; readonly username: string },
  now: number,
): Promise<Grant> {
  const key = await privateKeyIn(keyFile);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(now / 1000) + ASSERTION_SECONDS;
  const claims = { iss: who.clientId, sub: who.username, aud: audience, exp };
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  const assertion = `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
  const params = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  return { params, secrets: [assertion] };
}

async function privateKeyIn(keyFile: string): Promise<KeyObject> {
  const fileName = basename(keyFile);
  const pem = await readFile(keyFile, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new FailureError({ code: 'KEY_FILE_UNREADABLE', fileName, reason });
  });
  let key: KeyObject | null;
  try {
    key = createPrivateKey(pem);
  } catch {
    // OpenSSL's message could quote the file.
    key = null;
  }
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new FailureError({ code: 'KEY_FILE_UNREADABLE', fileName, reason: '' });
}

/** RFC 6749, section 4.4. Help, "OAuth 2.0 Client Credentials Flow": the app's own user is signed in, at My Domain only. */
export function clientCredentialsGrant(clientSecret: string): Grant {
  return { params: { grant_type: 'client_credentials', client_secret: clientSecret }, secrets: [clientSecret] };
}

/** RFC 6749, section 4.3. Help, "OAuth 2.0 Username-Password Flow": the security token goes behind the password. */
export function passwordGrant(username: string, password: string, clientSecret: string | undefined): Grant {
  const params = { grant_type: 'password', username, password };
  if (clientSecret === undefined) return { params, secrets: [password] };
  return { params: { ...params, client_secret: clientSecret }, secrets: [password, clientSecret] };
}
