import { app } from './app.ts';
import { onMessage, post } from './channel.ts';

interface Privileged {
  readonly scheme: string;
  readonly privileges?: { readonly standard?: boolean; readonly secure?: boolean; readonly supportFetchAPI?: boolean };
}
type Handler = (request: Request) => Promise<Response> | Response;

const handlers = new Map<string, Handler>();
let privileged: readonly Privileged[] | null = null;

const schemeOf = (url: string): string => new URL(url).protocol.replace(/:$/, '');

/** What a scheme was registered as: only a secure one makes a secure context, only one that supports fetch can be fetched. */
export function privileges(url: string): { secure: boolean; fetchable: boolean } {
  const of = privileged?.find(({ scheme }) => scheme === schemeOf(url))?.privileges;
  return { secure: of?.secure === true, fetchable: of?.supportFetchAPI === true };
}

/** Electron's `protocol`. */
export const protocol = {
  /** "protocol": "can only be used before the `ready` event of the `app` module gets emitted and can be called only once". */
  registerSchemesAsPrivileged: (schemes: readonly Privileged[]): void => {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    privileged = schemes;
  },
  handle: (scheme: string, handler: Handler): void => {
    if (!app.isReady()) throw new Error('protocol.handle can only be used after app is ready');
    if (handlers.has(scheme)) throw new Error('Failed to register protocol: The scheme has been registered');
    handlers.set(scheme, handler);
  },
};

onMessage('protocol', ({ id, url }) => {
  void answer(url).then(async (response) => {
    const base64 = Buffer.from(await response.arrayBuffer()).toString('base64');
    const headers = Object.fromEntries(response.headers);
    post({ kind: 'protocol-answer', id, status: response.status, headers, base64 });
  });
});

/** A handler that throws fails the request (lib/browser/api/protocol.ts); here the page sees that as a server's error. */
async function answer(url: string): Promise<Response> {
  const handler = handlers.get(schemeOf(url));
  if (!handler) return new Response(null, { status: 404 });
  try {
    return await handler(new Request(url));
  } catch {
    return new Response(null, { status: 500 });
  }
}
