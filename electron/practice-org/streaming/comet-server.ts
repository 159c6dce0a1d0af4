import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Session } from '../records/org-data.ts';
import { json, type Answer, type Exchange } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import type { StreamEvent } from './event-bus.ts';

/** Bodies may have 32,768 bytes (Streaming API guide, limits). */
export const MAX_COMET_BODY = 32_768;
/** How long a connect is held open, and how long a client may be silent before it is forgotten. */
const CONNECT_TIMEOUT = 110_000;
const FORGET_AFTER = 40_000;

const BayeuxMessage = z.looseObject({
  channel: z.string(),
  id: z.union([z.string(), z.number()]).optional(),
  clientId: z.string().optional(),
  subscription: z.union([z.string(), z.array(z.string())]).optional(),
  connectionType: z.string().optional(),
  advice: z.looseObject({ timeout: z.number().optional() }).optional(),
  ext: z.looseObject({ replay: z.union([z.record(z.string(), z.coerce.number()), z.boolean()]).optional() }).optional(),
});
type BayeuxMessage = z.infer<typeof BayeuxMessage>;

interface Client {
  readonly id: string;
  readonly session: Session;
  /** Channel as the client wrote it → the last replay id it was given. */
  readonly subscriptions: Map<string, number>;
  queue: Record<string, unknown>[];
  /** Answers the connect that is being held. */
  wake: (() => void) | null;
  forget: NodeJS.Timeout | null;
}

type Reply = Record<string, unknown>;

/** CometD over long polling (Streaming API Developer Guide, "Bayeux Protocol, CometD, and Long Polling"). */
export class CometServer {
  readonly #org: Org;
  readonly #clients = new Map<string, Client>();
  readonly #stop: () => void;

  constructor(org: Org) {
    this.#org = org;
    this.#stop = org.events.listen({
      wants: () => this.#clients.size > 0,
      take: (events) => {
        for (const client of this.#clients.values()) this.#offer(client, events);
      },
    });
  }

  close(): void {
    this.#stop();
    for (const client of this.#clients.values()) {
      if (client.forget) clearTimeout(client.forget);
      client.wake?.();
    }
    this.#clients.clear();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** `gone` tells when the caller has left, so that a held connect ends with it. */
  async handle(exchange: Exchange, session: Session | null, gone: AbortSignal): Promise<Answer> {
    let messages: BayeuxMessage[];
    try {
      const value: unknown = JSON.parse(exchange.body.toString('utf8'));
      messages = z
        .array(BayeuxMessage)
        .min(1)
        .parse(Array.isArray(value) ? value : [value]);
    } catch {
      return { status: 400, headers: { 'Content-Type': 'text/plain' }, body: '400::Bad Request: no Bayeux message' };
    }
    const replies: Reply[] = [];
    let held: Client | null = null;
    let timeout = CONNECT_TIMEOUT;
    let cookie: string | null = null;
    for (const message of messages) {
      const reply = this.#reply(message, session);
      if (message.channel === '/meta/handshake' && reply['successful'] === true) cookie = String(reply['clientId']);
      if (message.channel === '/meta/connect' && reply['successful'] === true) {
        held = this.#clients.get(String(message.clientId)) ?? null;
        timeout = Math.min(message.advice?.timeout ?? CONNECT_TIMEOUT, CONNECT_TIMEOUT);
      }
      replies.push(reply);
    }
    if (held) {
      const client = held;
      if (client.forget) clearTimeout(client.forget);
      if (client.queue.length === 0 && timeout > 0) await this.#hold(client, timeout, gone);
      replies.unshift(...client.queue);
      client.queue = [];
      client.forget = setTimeout(() => this.#clients.delete(client.id), FORGET_AFTER);
      client.forget.unref();
    }
    return json(200, replies, cookie === null ? {} : { 'Set-Cookie': `BAYEUX_BROWSER=${cookie}; Path=/; HttpOnly` });
  }

  #hold(client: Client, timeout: number, gone: AbortSignal): Promise<void> {
    client.wake?.();
    return new Promise((resolve) => {
      const timer = setTimeout(() => client.wake?.(), timeout);
      client.wake = () => {
        clearTimeout(timer);
        client.wake = null;
        resolve();
      };
      gone.addEventListener('abort', () => client.wake?.(), { once: true });
    });
  }

  #reply(message: BayeuxMessage, session: Session | null): Reply {
    const base = { channel: message.channel, ...(message.id === undefined ? {} : { id: message.id }) };
    if (message.channel === '/meta/handshake') {
      if (!session)
        return {
          ...base,
          successful: false,
          error: '403::Handshake denied',
          ext: { sfdc: { failureReason: '401::Authentication invalid' }, replay: true, 'payload.format': true },
          advice: { reconnect: 'none' },
        };
      const client: Client = {
        id: randomBytes(16).toString('hex'),
        session,
        subscriptions: new Map(),
        queue: [],
        wake: null,
        forget: null,
      };
      this.#clients.set(client.id, client);
      client.forget = setTimeout(() => this.#clients.delete(client.id), FORGET_AFTER);
      client.forget.unref();
      return {
        ext: { replay: true, 'payload.format': true },
        minimumVersion: '1.0',
        clientId: client.id,
        supportedConnectionTypes: ['long-polling'],
        ...base,
        version: '1.0',
        successful: true,
      };
    }
    if (!session)
      return {
        ...base,
        clientId: message.clientId,
        successful: false,
        error: '401::Authentication invalid',
        advice: { reconnect: 'none' },
      };
    const client = this.#clients.get(message.clientId ?? '');
    if (!client)
      return {
        ...base,
        clientId: message.clientId,
        successful: false,
        error: '403::Unknown client',
        advice: { interval: 0, reconnect: 'handshake' },
      };
    const channels = Array.isArray(message.subscription) ? message.subscription : [message.subscription ?? ''];
    switch (message.channel) {
      case '/meta/connect':
        return {
          ...base,
          clientId: client.id,
          successful: true,
          advice: { interval: 0, timeout: CONNECT_TIMEOUT, reconnect: 'retry' },
        };
      case '/meta/subscribe': {
        for (const channel of channels) {
          const problem = this.#subscribe(client, channel, message);
          if (problem !== null)
            return { ...base, clientId: client.id, subscription: channel, successful: false, error: problem };
        }
        return { ...base, clientId: client.id, subscription: message.subscription, successful: true };
      }
      case '/meta/unsubscribe':
        for (const channel of channels) client.subscriptions.delete(channel);
        return { ...base, clientId: client.id, subscription: message.subscription, successful: true };
      case '/meta/disconnect':
        this.#clients.delete(client.id);
        if (client.forget) clearTimeout(client.forget);
        client.wake?.();
        return { ...base, clientId: client.id, successful: true };
      default:
        return { ...base, clientId: client.id, successful: false, error: `403:${message.channel}:Publish denied` };
    }
  }

  #subscribe(client: Client, channel: string, message: BayeuxMessage): string | null {
    if (!this.#exists(channel)) return `404::The channel specified is not valid: ${channel}`;
    const { replay } = message.ext ?? {};
    const asked = typeof replay === 'object' ? (replay[channel] ?? -1) : -1;
    if (asked === -1) {
      client.subscriptions.set(channel, this.#org.events.latestReplayId);
      return null;
    }
    const kept = this.#org.events.replay(channel.replace(/\/\*+$/, ''), asked);
    if (kept === null)
      return `400::The replayId {${asked}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`;
    client.subscriptions.set(channel, asked === -2 ? 0 : asked);
    this.#offer(client, kept);
    client.subscriptions.set(
      channel,
      Math.max(client.subscriptions.get(channel) ?? 0, this.#org.events.latestReplayId),
    );
    return null;
  }

  #exists(channel: string): boolean {
    const { store } = this.#org.data;
    const [, kind = '', name = ''] = /^\/(data|event|topic|u)\/(.+)$/.exec(channel) ?? [];
    switch (kind) {
      case 'data': {
        if (name === 'ChangeEvents') return true;
        const object = name.endsWith('__ChangeEvent')
          ? name.replace(/ChangeEvent$/, 'c')
          : name.replace(/ChangeEvent$/, '');
        return name.endsWith('ChangeEvent') && store.table(object) !== undefined;
      }
      case 'event':
        return store.table(name)?.object.event ?? false;
      case 'topic':
      case 'u': {
        const table = store.table(kind === 'u' ? 'StreamingChannel' : 'PushTopic');
        const field = table?.field('Name');
        return Boolean(table && field && table.find(field, kind === 'u' ? channel : name).length > 0);
      }
      default:
        return false;
    }
  }

  #offer(client: Client, events: readonly StreamEvent[]): void {
    let added = false;
    for (const [channel, after] of client.subscriptions) {
      const folded = channel.toLowerCase();
      for (const event of events) {
        if (event.replayId <= after || !event.channels.includes(folded)) continue;
        client.queue.push({ data: event.data(), channel });
        client.subscriptions.set(channel, event.replayId);
        added = true;
      }
    }
    if (added) client.wake?.();
  }
}
