import type { Readable } from 'node:stream';
import { Agent, EnvHttpProxyAgent, ProxyAgent, request, type Dispatcher } from 'undici';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { BackendPorts } from '../ports.ts';
import type { ProxyRoute } from '../settings/proxy-routes.ts';
import { networkFailure } from './classify-salesforce-error.ts';
import { environmentProxies, isNeverProxied, type Environment } from './proxies.ts';

/** Salesforce may think for long, but a connection on which nothing moves for this long is dead. */
const IDLE_TIMEOUT = 120_000;
const CONNECT_TIMEOUT = 20_000;
/** Of a host's addresses, IPv4 and IPv6, each gets so long. Node's 250 ms are too short for slow networks (nodejs/node#54359). */
const ADDRESS_TIMEOUT = 5000;

export interface TransportOptions {
  readonly systemProxy: BackendPorts['systemProxy'];
  readonly environment: Environment;
  /** Which proxy the settings want; `automatic` without them. */
  readonly route?: () => Promise<ProxyRoute>;
  /** Milliseconds of silence, before the headers of an answer and within its body, after which it counts as lost. */
  readonly idleTimeout?: number;
}

export interface OutgoingRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string | Readable | null;
  readonly signal: AbortSignal;
}

/** Carries requests to orgs, straight or through a proxy. Follows no redirect, repeats nothing, and never waits on a silent connection. */
export class HttpTransport {
  readonly #systemProxy: BackendPorts['systemProxy'];
  readonly #idle: { readonly headersTimeout: number; readonly bodyTimeout: number };
  // HTTP/1.1 only, as jsforce speaks it: what is known of Salesforce's behaviour is known of that.
  readonly #options = {
    allowH2: false,
    connect: { timeout: CONNECT_TIMEOUT, autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT },
  };
  readonly #environment: Environment;
  readonly #route: () => Promise<ProxyRoute>;
  readonly #straight = new Agent(this.#options);
  readonly #proxies = new Map<string, Dispatcher>();
  #closed = false;

  constructor({ systemProxy, environment, route, idleTimeout = IDLE_TIMEOUT }: TransportOptions) {
    this.#route = route ?? (() => Promise.resolve({ kind: 'automatic' }));
    this.#systemProxy = systemProxy;
    this.#environment = environment;
    this.#idle = { headersTimeout: idleTimeout, bodyTimeout: idleTimeout };
  }

  /** Nothing is sent any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The answer, its body not read yet. Throws `CANCELLED`, `ORG_REDIRECT_REFUSED`, `ORG_UNREACHABLE` if nothing was sent,
   * `CONNECTION_LOST` when the backend has closed, and else `LostAnswer`. What is sent carries secrets, so no redirect is followed (R41).
   */
  async send({ url, ...outgoing }: OutgoingRequest): Promise<Dispatcher.ResponseData> {
    if (this.#closed) throw new FailureError({ code: 'CONNECTION_LOST' });
    let response: Dispatcher.ResponseData;
    try {
      const dispatcher = await this.#dispatcherFor(url);
      response = await request(url, { dispatcher, ...this.#idle, ...outgoing });
    } catch (error) {
      if (outgoing.signal.aborted) throw new FailureError({ code: 'CANCELLED' });
      throw networkFailure(error, url.host);
    }
    if (response.statusCode < 300 || response.statusCode >= 400) return response;
    // Its body is of no use, and the connection is not worth reading it for.
    response.body.on('error', () => undefined).destroy();
    const target = headerOf(response, 'location') ?? '';
    // The host only: the rest of an address may hold secrets.
    const host = URL.canParse(target, url.origin) ? new URL(target, url.origin).host : '';
    throw new FailureError({ code: 'ORG_REDIRECT_REFUSED', host });
  }

  async #dispatcherFor(url: URL): Promise<Dispatcher> {
    if (isNeverProxied(url)) return this.#straight;
    const route = await this.#route();
    if (route.kind === 'none') return this.#straight;
    if (route.kind === 'own') return this.#through(route.address, route.authorization);
    const named = route.kind === 'system' ? null : environmentProxies(this.#environment);
    if (named)
      return this.#proxy('environment', () => new EnvHttpProxyAgent({ ...this.#options, ...this.#proxied, ...named }));
    const system = route.kind === 'environment' ? null : await this.#systemProxy(url.origin);
    return system === null ? this.#straight : this.#through(system, null);
  }

  #through(uri: string, authorization: string | null): Dispatcher {
    const token = authorization === null ? {} : { token: authorization };
    const name = `${uri} ${authorization ?? ''}`;
    return this.#proxy(name, () => new ProxyAgent({ ...this.#options, ...this.#proxied, uri, ...token }));
  }

  /** TLS through a proxy's tunnel has settings of its own. */
  get #proxied(): { requestTls: { allowH2: false }; connectTimeout: number } {
    return { requestTls: { allowH2: false }, connectTimeout: CONNECT_TIMEOUT };
  }

  #proxy(name: string, make: () => Dispatcher): Dispatcher {
    const made = this.#proxies.get(name) ?? make();
    this.#proxies.set(name, made);
    return made;
  }

  /** Ends what is still on its way: as a lost answer, since it may have arrived. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#straight, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
  }
}

export function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
