import { join } from 'node:path';
import { z } from 'zod';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { AlertCondition, type Alert, type AlertChannel, type JobAlert } from '../../../shared/domain/alert.ts';
import { JobId, type LoadId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { FailuresSoFar } from '../../../shared/domain/load-results.ts';
import { hasEnded, type Run } from '../../../shared/domain/run.ts';
import { alertOf, testAlert } from '../../../shared/text/alert-text.ts';
import { DocumentStore } from '../documents/document-store.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { BackendPorts } from '../ports.ts';
import type { RunRegistry } from '../runs/run-registry.ts';
import { lastWell } from '../schedules/after-job.ts';
import { AlertRefused } from './alert-refused.ts';
import type { Channels } from './channels.ts';
import { conditionsOf, lacksSuccess } from './conditions.ts';
import { sendMail } from './send-mail.ts';
import { sendWebhook } from './send-webhook.ts';

/** What was told of a job, by the channel: it is not told again before a run has gone well. */
const AlertState = z.object({ jobId: JobId, told: z.record(z.string(), z.array(AlertCondition)) });

interface AlertTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'log' | 'notify'>;
  readonly jobs: Pick<SavedJobs, 'list'>;
  readonly runs: Pick<RunRegistry, 'list'>;
  readonly channels: Channels;
  readonly failuresOf: (loadId: LoadId) => Promise<FailuresSoFar>;
}

/** What a job has come to. */
interface News {
  readonly run: Run | null;
  readonly failure: Failure | null;
}

/** Tells what comes of jobs, each condition once, whichever process sees it. An alert that did not arrive is tried again with the next run. */
export class Alerts {
  readonly #tools: AlertTools;
  readonly #store: DocumentStore<z.infer<typeof AlertState>>;
  /** One after another: what comes later must not be told before. */
  #telling: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(tools: AlertTools) {
    this.#tools = tools;
    const folder = join(tools.ports.paths.data, 'alert-states');
    const kind = { folder, kind: 'longshore-alert-state', what: 'what was told of a job', version: 1 };
    this.#store = new DocumentStore({ ...kind, schema: AlertState });
  }

  /** A run is on disk in another state. */
  runChanged(run: Run): void {
    if (hasEnded(run)) this.#then(async () => this.#news(await this.#job(run.jobId), { run, failure: null }));
  }

  /** A job was due and could not begin a run. */
  failed(job: Job, failure: Failure): void {
    this.#then(() => this.#news(job, { run: null, failure }));
  }

  /** Settles once all that is known by now is told, and what has not happened for too long. */
  async look(): Promise<void> {
    this.#then(async () => {
      for (const job of (await this.#tools.jobs.list()).jobs) {
        const waiting = (job.definition.alerts ?? []).filter(({ on }) => on.includes('no-success'));
        if (waiting.length === 0) continue;
        const last = lastWell(job, (await this.#tools.runs.list(job.jobId)).runs);
        const lacking = waiting.filter((alert) => lacksSuccess(job, alert, last, this.#tools.ports.clock.now()));
        for (const alert of lacking) await this.#tell(job, alert, ['no-success'], { run: null, failure: null });
      }
    });
    await this.#telling;
  }

  /** Sends a message that says it is a test. Throws `CHANNEL_UNKNOWN`, `ALERT_NOT_SENT`. */
  async test(name: string, signal: AbortSignal): Promise<void> {
    const channel = await this.#tools.channels.named(name);
    await this.#send(channel, testAlert(channel, this.#tools.ports.clock.now()), signal).catch((error: unknown) => {
      if (!(error instanceof AlertRefused)) throw error;
      throw new FailureError({ code: 'ALERT_NOT_SENT', channel: channel.name, reason: error.reason });
    });
  }

  /** Of a job that is removed. */
  async forget(jobId: JobId): Promise<void> {
    await this.#telling;
    await this.#store.change(jobId, this.#end.signal, () => null);
  }

  async close(): Promise<void> {
    await this.#telling;
    this.#end.abort();
  }

  #then(tell: () => Promise<void>): void {
    this.#telling = this.#telling.then(tell).catch((error: unknown) => {
      this.#tools.ports.log.error('an alert was not sent', error);
    });
  }

  async #job(jobId: JobId): Promise<Job | undefined> {
    return (await this.#tools.jobs.list()).jobs.find((job) => job.jobId === jobId);
  }

  async #news(job: Job | undefined, news: News): Promise<void> {
    for (const alert of job?.definition.alerts ?? []) {
      if (!job) return;
      const found = news.run ? conditionsOf(job, alert, news.run) : (['failed'] as const);
      if (found !== null) await this.#tell(job, alert, found, news);
    }
  }

  /** `found`: what is so now; none: a run has gone well. */
  async #tell(job: Job, alert: JobAlert, found: readonly AlertCondition[], news: News): Promise<void> {
    const key = alert.channel.toLowerCase();
    await this.#store.change(job.jobId, this.#end.signal, async (state) => {
      const told = state?.told ?? {};
      const before = told[key] ?? [];
      const now = found.length === 0 ? (before.length > 0 ? (['recovered'] as const) : []) : found;
      const fresh = now.filter((one) => alert.on.includes(one) && !before.includes(one));
      const [condition] = fresh.toReversed();
      const isTold = condition === undefined || (await this.#arrives(job, alert, condition, news));
      const after = found.length === 0 ? [] : [...before, ...fresh];
      return { jobId: job.jobId, told: { ...told, [key]: isTold ? after : before } };
    });
  }

  /** Whether an alert has arrived. That it has not is written down; nobody else can be told of it. */
  async #arrives(job: Job, { channel: name, withRecords }: JobAlert, condition: AlertCondition, news: News) {
    const { clock, log } = this.#tools.ports;
    try {
      const channel = await this.#tools.channels.named(name);
      const loadId = news.run?.loadId ?? null;
      const failures = loadId === null ? null : await this.#tools.failuresOf(loadId);
      const alert = alertOf(condition, job, { ...news, failures, withRecords: withRecords === true, at: clock.now() });
      await this.#send(channel, alert, this.#end.signal);
      return true;
    } catch (error) {
      const reason =
        error instanceof AlertRefused ? error.reason : error instanceof FailureError ? error.message : null;
      if (reason === null) throw error;
      log.error('an alert did not arrive', null, { jobId: job.jobId, channel: name, condition, reason });
      return false;
    }
  }

  /** Throws `AlertRefused`. */
  async #send(channel: AlertChannel, alert: Alert, signal: AbortSignal): Promise<void> {
    const { way } = channel;
    if (way.kind === 'desktop') {
      const { notify } = this.#tools.ports;
      if (!notify) throw new AlertRefused('no desktop here');
      return notify({ title: alert.title, body: alert.lines.join('\n') });
    }
    const secrets = await this.#tools.channels.secretsOf(channel);
    if (secrets === null) throw new AlertRefused('its secret is not in this computer’s keychain');
    if (way.kind === 'mail') return sendMail(alert, way, secrets.password);
    const { url, signingKey } = secrets;
    if (url === undefined) throw new AlertRefused('its address is not in this computer’s keychain');
    return sendWebhook(alert, { url, shape: way.shape, signingKey }, signal);
  }
}
