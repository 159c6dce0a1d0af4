import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Pages that were asked for and never came: so many tickets are good at once. */
const TICKETS = 16;

/**
 * Who may speak to the loopback host. Threats: any page in any browser on this machine can send requests to a loopback
 * port, and DNS rebinding can give such a page this host's name; other local users can connect too. So, in this order:
 * exact Host, exact Origin where one is sent, then a bearer token that only the page opened by us can have.
 */
export class LoopbackGuard {
  readonly #hosts: Set<string>;
  readonly #origins: Set<string>;
  readonly #handoverSecret: Buffer;
  #tickets: { readonly ticket: Buffer; readonly used: () => void }[] = [];
  /** By its window: a name that is no secret. */
  readonly #bearers = new Map<string, Buffer>();

  constructor(port: number, handoverSecret: string) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#origins = new Set([...this.#hosts].map((host) => `http://${host}`));
    this.#handoverSecret = Buffer.from(handoverSecret, 'base64url');
  }

  /** A one-time ticket for the URL's fragment, which browsers never send to a server. `used` is told when it is. */
  newTicket(used: () => void): string {
    const ticket = randomBytes(32);
    this.#tickets = [...this.#tickets, { ticket, used }].slice(-TICKETS);
    return ticket.toString('base64url');
  }

  /** Exchanges a ticket for a bearer token, once. */
  exchange(ticket: string): string | null {
    const given = Buffer.from(ticket, 'base64url');
    const found = this.#tickets.find((known) => isSame(known.ticket, given));
    if (found === undefined) return null;
    this.#tickets = this.#tickets.filter((other) => other !== found);
    found.used();
    const bearer = randomBytes(32);
    this.#bearers.set(randomBytes(8).toString('hex'), bearer);
    return bearer.toString('base64url');
  }

  /**
   * True if the request names this very address and comes from our own page or from no page. The page itself may be gone to
   * from anywhere: the file that opens it is another site to the browser, and there is nothing in it that is a secret.
   */
  isAddressedHere(request: IncomingMessage): boolean {
    const { host, origin } = request.headers;
    if (!this.#hosts.has(host ?? '')) return false;
    if (origin !== undefined && !this.#origins.has(origin)) return false;
    const site = request.headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return true;
    const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
    return request.method === 'GET' && request.url === '/' && mode === 'navigate' && destination === 'document';
  }

  /** Which window a request is from; null for none of ours. */
  windowOf(request: IncomingMessage): string | null {
    const given = credential(request, 'Bearer');
    for (const [window, bearer] of this.#bearers) if (isSame(bearer, given)) return window;
    return null;
  }

  /** True for another host of this user, who alone can read the secret. A page, even ours, has no business there. */
  isNextHost(request: IncomingMessage): boolean {
    if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) return false;
    return isSame(this.#handoverSecret, credential(request, 'Handover'));
  }
}

function credential(request: IncomingMessage, scheme: 'Bearer' | 'Handover'): Buffer {
  const [given, value = ''] = (request.headers.authorization ?? '').split(' ');
  return Buffer.from(given === scheme ? value : '', 'base64url');
}

function isSame(known: Buffer, given: Buffer): boolean {
  return known.length > 0 && known.length === given.length && timingSafeEqual(known, given);
}
