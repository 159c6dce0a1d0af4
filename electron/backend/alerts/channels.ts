import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { AlertChannel, ChannelId, ChannelName, type ChannelWay } from '../../../shared/domain/alert.ts';
import { DocumentStore } from '../documents/document-store.ts';
import { parseJson } from '../parse-json.ts';
import type { BackendPorts } from '../ports.ts';

/** What is secret of a channel. It is in the vault, and in no file, log, or error. */
const ChannelSecrets = z.object({
  /** The whole address of a webhook. */
  url: z.string().optional(),
  /** What its messages are signed with. */
  signingKey: z.string().optional(),
  /** Of a mail server. */
  password: z.string().optional(),
});
export type ChannelSecrets = z.infer<typeof ChannelSecrets>;

/** A channel as it is given. */
export type NewChannel = { readonly name: string; readonly secrets: ChannelSecrets } & {
  readonly way:
    Exclude<ChannelWay, { kind: 'webhook' }> | { readonly kind: 'webhook'; readonly shape: 'generic' | 'slack' };
};

/** The channels of a data folder. */
export class Channels {
  readonly #ports: Pick<BackendPorts, 'paths' | 'random' | 'secrets'>;
  readonly #store: DocumentStore<AlertChannel>;

  constructor(ports: Pick<BackendPorts, 'paths' | 'random' | 'secrets'>) {
    this.#ports = ports;
    const folder = join(ports.paths.data, 'alert-channels');
    const kind = { folder, kind: 'longshore-alert-channel', what: 'an alert channel', version: 1 };
    this.#store = new DocumentStore({ ...kind, schema: AlertChannel });
  }

  /** By name. Throws `DOCUMENT_UNREADABLE`. */
  async list(): Promise<AlertChannel[]> {
    const { documents, unreadable } = await this.#store.list();
    const [damaged] = unreadable;
    if (damaged) throw new FailureError({ code: 'DOCUMENT_UNREADABLE', what: 'an alert channel', ...damaged });
    return documents.sort((one, other) => one.name.localeCompare(other.name));
  }

  /** Throws `CHANNEL_UNKNOWN`. */
  async named(name: string): Promise<AlertChannel> {
    const found = (await this.list()).find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (!found) throw new FailureError({ code: 'CHANNEL_UNKNOWN', name });
    return found;
  }

  /** A new channel, or another one in the place of that name. Throws `CHANNEL_REFUSED`. */
  async save({ name: given, way, secrets }: NewChannel, signal: AbortSignal): Promise<AlertChannel> {
    const name = ChannelName.parse(given);
    const known = (await this.list()).find((one) => one.name.toLowerCase() === name.toLowerCase());
    const channelId = known?.channelId ?? ChannelId.parse(`channel_${this.#ports.random.token(16)}`);
    const kept = AlertChannel.parse({ channelId, name, way: shownWay(way, secrets) });
    // First the secret: a channel without it could tell nobody.
    await this.#ports.secrets.set(secretName(channelId), JSON.stringify(secrets));
    return this.#store.change(channelId, signal, () => kept);
  }

  /** Throws `CHANNEL_UNKNOWN`. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    const { channelId } = await this.named(name);
    await this.#store.change(channelId, signal, () => null);
    await this.#ports.secrets.delete(secretName(channelId));
  }

  /** Null where the vault has none, as one that is for this process only. */
  async secretsOf({ channelId }: AlertChannel): Promise<ChannelSecrets | null> {
    const text = await this.#ports.secrets.get(secretName(channelId));
    return text === null ? null : (ChannelSecrets.safeParse(parseJson(text)).data ?? null);
  }
}

function secretName(channelId: ChannelId): string {
  return `alert-${channelId}`;
}

/** What may be shown of a channel. Throws `CHANNEL_REFUSED` for one whose messages could be read on their way. */
function shownWay(way: NewChannel['way'], { url }: ChannelSecrets): ChannelWay {
  if (way.kind === 'mail' && way.security === 'none' && !isOwnComputer(way.host))
    throw new FailureError({ code: 'CHANNEL_REFUSED', why: 'mail-open', host: way.host });
  if (way.kind !== 'webhook') return way;
  const address = URL.parse(url ?? '');
  if (!address) throw new FailureError({ code: 'CHANNEL_REFUSED', why: 'address', host: '' });
  const isSafe = address.protocol === 'https:' || (address.protocol === 'http:' && isOwnComputer(address.hostname));
  if (!isSafe) throw new FailureError({ code: 'CHANNEL_REFUSED', why: 'webhook-open', host: address.host });
  return { ...way, host: address.host };
}

function isOwnComputer(host: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(host);
}
