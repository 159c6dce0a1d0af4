import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { JobId } from '../../../shared/domain/ids.ts';
import { Job, type JobDefinition, type JobList } from '../../../shared/domain/job.ts';
import type { JobAlert } from '../../../shared/domain/alert.ts';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import { DocumentStore } from '../documents/document-store.ts';
import type { BackendPorts } from '../ports.ts';

/** Of the documents on disk; that of a job's file is its own (`JOB_FILE_VERSION`). */
const VERSION = 1;

/** The jobs of a data folder. */
export class SavedJobs {
  readonly #ports: Pick<BackendPorts, 'paths' | 'clock' | 'random'>;
  readonly #store: DocumentStore<Job>;

  constructor(ports: Pick<BackendPorts, 'paths' | 'clock' | 'random'>) {
    this.#ports = ports;
    const folder = join(ports.paths.data, 'jobs');
    this.#store = new DocumentStore({ folder, kind: 'longshore-job', what: 'a job', version: VERSION, schema: Job });
  }

  /** By name. */
  async list(): Promise<JobList> {
    const { documents, unreadable } = await this.#store.list();
    const jobs = documents.sort((one, other) => one.definition.name.localeCompare(other.definition.name));
    return { jobs, unreadable };
  }

  /** Throws `JOB_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  async get(jobId: JobId): Promise<Job> {
    const job = await this.#store.get(jobId);
    if (!job) throw new FailureError({ code: 'JOB_UNKNOWN' });
    return job;
  }

  /**
   * A new job, or with `replace` the one of that name as something else; with `keepsRules` its guards, its schedule, and its alerts stay, which
   * no load says anything of, and how it is kept in sync where it still does the same to the same records. Throws `JOB_NAME_TAKEN`.
   */
  async save(
    definition: JobDefinition,
    { replace, keepsRules = false, paused = false }: { replace: boolean; keepsRules?: boolean; paused?: boolean },
    signal: AbortSignal,
  ): Promise<Job> {
    const named = await this.#named(definition.name);
    const jobId = named?.jobId ?? JobId.parse(`job_${this.#ports.random.token(16)}`);
    return this.#store.change(jobId, signal, async (current) => {
      if (current && !replace) throw new FailureError({ code: 'JOB_NAME_TAKEN', name: definition.name });
      await this.#refuseTaken(definition.name, jobId);
      const now = this.#ports.clock.now();
      const rules = current && keepsRules ? rulesOf(current.definition, definition) : {};
      return {
        jobId,
        createdAt: current?.createdAt ?? now,
        changedAt: now,
        paused: current?.paused ?? (paused ? { at: now } : null),
        definition: { ...rules, ...definition },
      };
    });
  }

  /** Throws `JOB_UNKNOWN`, `JOB_NAME_TAKEN`. */
  async rename(jobId: JobId, name: string, signal: AbortSignal): Promise<Job> {
    return this.#store.change(jobId, signal, async (current) => {
      if (!current) throw new FailureError({ code: 'JOB_UNKNOWN' });
      await this.#refuseTaken(name, jobId);
      return { ...current, changedAt: this.#ports.clock.now(), definition: { ...current.definition, name } };
    });
  }

  /** One with a schedule is paused at first: two jobs are not to do the same by themselves. Throws `JOB_UNKNOWN`, `JOB_NAME_TAKEN`. */
  async clone(jobId: JobId, name: string, signal: AbortSignal): Promise<Job> {
    const { definition } = await this.get(jobId);
    return this.save({ ...definition, name }, { replace: false, paused: definition.schedule !== undefined }, signal);
  }

  /** What is told of a job. What it loads stays as it was. Throws `JOB_UNKNOWN`. */
  async alert(jobId: JobId, alerts: readonly JobAlert[], signal: AbortSignal): Promise<Job> {
    return this.#store.change(jobId, signal, (current) => {
      if (!current) throw new FailureError({ code: 'JOB_UNKNOWN' });
      const { alerts: _before, ...definition } = current.definition;
      return { ...current, definition: { ...definition, ...(alerts.length > 0 ? { alerts: [...alerts] } : {}) } };
    });
  }

  /** Has a job run by itself, or only by hand (null). What it loads stays as it was. Throws `JOB_UNKNOWN`. */
  async schedule(jobId: JobId, schedule: JobSchedule | null, signal: AbortSignal): Promise<Job> {
    return this.#store.change(jobId, signal, (current) => {
      if (!current) throw new FailureError({ code: 'JOB_UNKNOWN' });
      const { schedule: _before, ...definition } = current.definition;
      return { ...current, definition: { ...definition, ...(schedule ? { schedule } : {}) } };
    });
  }

  /** Pauses a job, or has it go on. What it is stays as it was, so its held run can be approved still. Throws `JOB_UNKNOWN`. */
  async pause(jobId: JobId, isPaused: boolean, signal: AbortSignal): Promise<Job> {
    return this.#store.change(jobId, signal, (current) => {
      if (!current) throw new FailureError({ code: 'JOB_UNKNOWN' });
      return { ...current, paused: isPaused ? (current.paused ?? { at: this.#ports.clock.now() }) : null };
    });
  }

  /** Throws `JOB_UNKNOWN`, and `DOCUMENT_UNREADABLE` for one that can't be read. */
  async remove(jobId: JobId, signal: AbortSignal): Promise<void> {
    await this.#store.change(jobId, signal, (current) => {
      if (!current) throw new FailureError({ code: 'JOB_UNKNOWN' });
      return null;
    });
  }

  async #named(name: string): Promise<Job | undefined> {
    const wanted = name.toLowerCase();
    return (await this.list()).jobs.find(({ definition }) => definition.name.toLowerCase() === wanted);
  }

  /** Names are looked at while no other process can give them. */
  async #refuseTaken(name: string, jobId: JobId): Promise<void> {
    const named = await this.#named(name);
    if (named && named.jobId !== jobId) throw new FailureError({ code: 'JOB_NAME_TAKEN', name: named.definition.name });
  }
}

/** What stays of a job that is replaced. A yes to production was to what the job did then, and a sync is of the records that it was for. */
function rulesOf(
  { guards, schedule, alerts, sync, ...before }: JobDefinition,
  { org, object, operation }: JobDefinition,
): Pick<JobDefinition, 'guards' | 'schedule' | 'alerts' | 'sync'> {
  const isSame =
    before.org.organization === org.organization && before.object === object && before.operation === operation;
  const { confirmOrg: _confirmed, ...asking } = schedule ?? { kind: 'watch' as const };
  return {
    ...(guards ? { guards } : {}),
    ...(schedule ? { schedule: isSame ? schedule : asking } : {}),
    ...(alerts ? { alerts } : {}),
    ...(sync && isSame ? { sync } : {}),
  };
}
