import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may speak to the loopback host. Threats: any page in any browser on this machine can send requests to a loopback
 * port, and DNS rebinding can give such a page this host's name; other local users can connect too. So, in this order:
 * exact Host, exact Origin where one is sent, then a bearer token that only the page opened by us can have.
 */
export class LoopbackGuard {
  readonly #hosts: Set<string>;
  readonly #origins: Set<string>;
  #ticket: Buffer | null = randomBytes(32);
  readonly #bearers: Buffer[] = [];

  constructor(port: number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#origins = new Set([...this.#hosts].map((host) => `http://${host}`));
  }

  /** The one-time ticket for the URL's fragment, which browsers never send to a server. */
  newTicket(): string {
    this.#ticket = randomBytes(32);
    return this.#ticket.toString('base64url');
  }

  /** Exchanges the ticket for a bearer token, once. */
  exchange(ticket: string): string | null {
    const given = Buffer.from(ticket, 'base64url');
    if (this.#ticket === null || given.length !== this.#ticket.length || !timingSafeEqual(given, this.#ticket))
      return null;
    this.#ticket = null;
    const bearer = randomBytes(32);
    this.#bearers.push(bearer);
    return bearer.toString('base64url');
  }

  /** True if the request names this very address and comes from our own page or from no page. */
  isAddressedHere(request: IncomingMessage): boolean {
    const { host, origin } = request.headers;
    if (!this.#hosts.has(host ?? '')) return false;
    if (origin !== undefined && !this.#origins.has(origin)) return false;
    const site = request.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  isSignedIn(request: IncomingMessage): boolean {
    const given = Buffer.from(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '', 'base64url');
    return this.#bearers.some((bearer) => bearer.length === given.length && timingSafeEqual(bearer, given));
  }
}
