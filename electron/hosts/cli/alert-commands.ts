import { JobAlert } from '../../../shared/domain/alert.ts';
import { channelText } from '../../../shared/text/alert-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import { findJob } from './job-commands.ts';
import type { Ending, Output } from './output.ts';
import { readSecret } from './read-secret.ts';
import { UsageError } from './usage-error.ts';

export interface AddChannelFlags {
  readonly name: string;
  readonly webhook?: boolean;
  readonly slack?: boolean;
  readonly sign?: boolean;
  /** Of a mail server. */
  readonly smtp?: string;
  readonly port?: string;
  readonly security?: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly from?: string;
  readonly to?: readonly string[];
  readonly desktop?: boolean;
}

const PORTS = { tls: 465, starttls: 587, none: 25 };

/** Saves where alerts go. What is secret is typed, piped in, or in the environment; never a flag. */
export async function addChannel(caller: BackendCaller, flags: AddChannelFlags, output: Output): Promise<Ending> {
  const { name, webhook, slack, smtp, desktop } = flags;
  if ([webhook, slack, smtp, desktop].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('Give one of --webhook, --slack, --smtp, and --desktop.');
  const channel = await caller.saveChannel(
    smtp === undefined
      ? desktop === true
        ? { name, way: { kind: 'desktop' }, secrets: {} }
        : {
            name,
            way: { kind: 'webhook', shape: slack ? 'slack' : 'generic' },
            secrets: await webhookSecrets(flags, caller),
          }
      : { name, way: mailOf(flags, smtp), secrets: await mailSecrets(flags, caller) },
  );
  output.line(`Saved the alert channel “${channel.name}”: ${channelText(channel)}.`);
  output.line(`To try it: longshore job alert test "${channel.name}"`);
  return { code: EXIT.ok, result: channel };
}

async function webhookSecrets({ sign }: AddChannelFlags, { signal }: BackendCaller) {
  const url = await readSecret('address of the webhook', 'LONGSHORE_WEBHOOK_URL', signal);
  if (sign !== true) return { url };
  return { url, signingKey: await readSecret('signing key', 'LONGSHORE_WEBHOOK_KEY', signal) };
}

async function mailSecrets({ user }: AddChannelFlags, { signal }: BackendCaller) {
  return user === undefined ? {} : { password: await readSecret('password', 'LONGSHORE_SMTP_PASSWORD', signal) };
}

function mailOf({ port, security = 'tls', user, from, to }: AddChannelFlags, host: string) {
  const address = /^[^\s@<>,;]+@[^\s@<>,;]+$/;
  if (from === undefined || to === undefined || ![from, ...to].every((one) => address.test(one)))
    throw new UsageError('--smtp needs --from and --to, with email addresses.');
  const number = port === undefined ? PORTS[security] : Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new UsageError('--port takes a number up to 65535.');
  return { kind: 'mail' as const, host, port: number, security, user: user ?? null, from, to: [...to] };
}

export async function listChannels(caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const channels = await caller.call('alert.channels', {});
  for (const channel of channels) output.line(`${channel.name}: ${channelText(channel)}`);
  if (channels.length === 0)
    output.line('There are no alert channels. Add one with “longshore job alert channel add”.');
  return { code: EXIT.ok, result: channels };
}

export async function removeChannel(
  caller: BackendCaller,
  { name }: { name: string },
  output: Output,
): Promise<Ending> {
  await caller.call('alert.removeChannel', { name });
  output.line(`Removed the alert channel “${name}”. Jobs that use it tell nobody.`);
  return { code: EXIT.ok, result: { name } };
}

export async function testChannel(caller: BackendCaller, { name }: { name: string }, output: Output): Promise<Ending> {
  await caller.call('alert.test', { name });
  output.line(`Sent a test by “${name}”.`);
  return { code: EXIT.ok, result: { name } };
}

export interface SetAlertFlags {
  readonly job: string;
  readonly channel: string;
  readonly on?: string;
  readonly failedRows?: string;
  readonly failedPercent?: string;
  readonly quietFor?: string;
  readonly withRecords?: boolean;
}

const USUAL = 'failed,held,recovered';

/** What is told of a job by a channel, in the place of what was told by it. */
export async function setAlert(caller: BackendCaller, flags: SetAlertFlags, output: Output): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, flags.job, output);
  const alert = readAlert(flags);
  const others = othersThan(definition.alerts ?? [], flags.channel);
  const job = await caller.call('alert.set', { jobId, alerts: [...others, alert] });
  output.line(`“${definition.name}” tells “${alert.channel}” of: ${alert.on.join(', ')}.`);
  return { code: EXIT.ok, result: job };
}

/** Throws `UsageError`. */
export function readAlert({ channel, on, failedRows, failedPercent, quietFor, withRecords }: SetAlertFlags): JobAlert {
  const rows = failedRows === undefined && failedPercent === undefined ? [] : ['rows-failed'];
  const conditions = [
    ...(on ?? USUAL).toLowerCase().split(','),
    ...rows,
    ...(quietFor === undefined ? [] : ['no-success']),
  ];
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const alert = JobAlert.safeParse({
    channel,
    on: [...new Set(conditions)],
    failedRows: number(failedRows),
    failedPercent: number(failedPercent),
    noSuccessHours: number(quietFor),
    withRecords,
  });
  if (alert.success) return alert.data;
  throw new UsageError(
    '--on takes failed, rows-failed, held, deviation, no-success, and recovered, with commas; --failed-rows a number, --failed-percent a percentage, --quiet-for hours.',
  );
}

export async function endAlert(
  caller: BackendCaller,
  { job: named, channel }: { job: string; channel: string },
  output: Output,
): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, named, output);
  const job = await caller.call('alert.set', { jobId, alerts: othersThan(definition.alerts ?? [], channel) });
  output.line(`“${definition.name}” tells “${channel}” nothing more.`);
  return { code: EXIT.ok, result: job };
}

function othersThan(alerts: readonly JobAlert[], channel: string): JobAlert[] {
  return alerts.filter((one) => one.channel.toLowerCase() !== channel.trim().toLowerCase());
}
