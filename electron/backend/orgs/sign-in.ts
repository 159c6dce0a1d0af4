import { createServer, type Server } from 'node:http';
import { FailureError } from '../../../shared/contract/failure.ts';
import { CALLBACK_PATH, CALLBACK_PORTS, callbackUrl } from '../../../shared/domain/sign-in-callback.ts';
import type { BackendPorts } from '../ports.ts';
import type { HttpTransport } from './http-transport.ts';
import { allowedInstance } from './instance-url.ts';
import { OAuthCalls, type Tokens } from './oauth.ts';
import type { StoredSession } from './org-session.ts';

const MINUTES_TO_SIGN_IN = 5;
/** Milliseconds for the last page to reach the browser. */
const GOODBYE_TIMEOUT = 2000;

async function listen(server: Server): Promise<number> {
  for (const port of CALLBACK_PORTS) {
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(true));
      server.listen(port, '127.0.0.1', () => resolve(false));
    });
    server.removeAllListeners('error');
    if (!taken) return port;
  }
  throw new FailureError({ code: 'SIGN_IN_NO_PORT', ports: [...CALLBACK_PORTS] });
}

function goodbye(title: string, text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100vh;margin:0}main{max-width:32rem;padding:1rem}</style></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`;
}

interface Redirect {
  readonly code: string | null;
  readonly error: string | null;
  readonly description: string;
}

/** Waits for the browser to come back with our `state`; every other request is answered 404 and forgotten. */
function waitForRedirect(server: Server, state: string, signal: AbortSignal): Promise<Redirect> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new FailureError({ code: 'SIGN_IN_TIMED_OUT', minutes: MINUTES_TO_SIGN_IN })),
      MINUTES_TO_SIGN_IN * 60_000,
    );
    const cancel = () => {
      clearTimeout(timer);
      reject(new FailureError({ code: 'CANCELLED' }));
    };
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    server.on('request', (request, response) => {
      // Any program on this machine may ask for anything here: `//` is no URL.
      const url = URL.parse(request.url ?? '/', 'http://localhost');
      if (url?.pathname !== CALLBACK_PATH || url.searchParams.get('state') !== state) {
        response.writeHead(404).end();
        return;
      }
      clearTimeout(timer);
      const code = url.searchParams.get('code');
      response.writeHead(200, {
        'Content-Type': 'text/html;charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
        'Cache-Control': 'no-store',
        Connection: 'close',
      });
      response.end(
        code
          ? goodbye('You are signed in', 'Close this tab and go back to Longshore.')
          : goodbye('Not signed in', 'Go back to Longshore to see why.'),
      );
      resolve({
        code,
        error: url.searchParams.get('error'),
        description: url.searchParams.get('error_description') ?? '',
      });
    });
  });
}

/**
 * OAuth 2.0 web server flow with PKCE in the person's own browser (RFC 7636, RFC 8252). `username` fills in the login page if it
 * is known who signs in.
 */
export async function signIn(
  ports: Pick<BackendPorts, 'openExternal' | 'random'>,
  transport: HttpTransport,
  loginUrl: string,
  clientId: string,
  signal: AbortSignal,
  username = '',
): Promise<StoredSession> {
  const server = createServer();
  const over = new AbortController();
  try {
    const port = await listen(server);
    const redirectUri = callbackUrl(port);
    const oauth = new OAuthCalls(transport, { loginUrl, clientId, redirectUri, useVerifier: true }, signal);
    const state = ports.random.token(24);
    const waiting = waitForRedirect(server, state, AbortSignal.any([signal, over.signal]));
    waiting.catch(() => undefined);
    // jsforce sends the challenge without naming its method; RFC 7636 then means "plain", Salesforce S256.
    await ports.openExternal(
      oauth.authorizationUrl({
        scope: 'api refresh_token',
        state,
        prompt: 'login',
        code_challenge_method: 'S256',
        // Help, "OAuth 2.0 Web Server Flow for Web App Integration": fills in the login page.
        ...(username === '' ? {} : { login_hint: username }),
      }),
    );
    const redirect = await waiting;
    if (redirect.code === null) throw new FailureError(refusal(redirect));
    const answer = await oauth.exchange(redirect.code);
    return sessionOf(answer, loginUrl, clientId);
  } finally {
    over.abort();
    server.close();
    server.closeIdleConnections();
    // The goodbye may still be on its way; a browser that holds a connection for later is not waited for.
    setTimeout(() => server.closeAllConnections(), GOODBYE_TIMEOUT).unref();
  }
}

/** A session of a token endpoint's answer. Throws `ORG_REDIRECT_REFUSED` for an instance that no token may be sent to. */
export function sessionOf(answer: Tokens, loginUrl: string, clientId: string): StoredSession {
  const instanceUrl = allowedInstance(answer.instance_url, loginUrl);
  if (instanceUrl === null) {
    const host = URL.parse(answer.instance_url)?.host ?? '';
    throw new FailureError({ code: 'ORG_REDIRECT_REFUSED', host });
  }
  const { access_token: accessToken, refresh_token: refreshToken = null } = answer;
  return { accessToken, refreshToken, instanceUrl, loginUrl, clientId, username: '' };
}

/** Since September 2025 apps that an admin has not installed are refused with one of these (Help 005132365). */
function refusal({ error, description }: Redirect): FailureError['failure'] {
  if (error === 'OAUTH_APPROVAL_ERROR_GENERIC' || (error === 'invalid_client' && description.includes('installed'))) {
    return { code: 'SIGN_IN_NEEDS_APPROVAL', description };
  }
  return { code: 'SIGN_IN_REFUSED', error: error ?? 'no code', description };
}
