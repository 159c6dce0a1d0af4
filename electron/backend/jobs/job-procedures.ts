import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { HandlersOf } from '../dispatch.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { BackendPorts } from '../ports.ts';
import { defineJob, type DefineTools } from './define-job.ts';
import { namesOf } from './find-files.ts';
import { writeJobFile } from './job-file.ts';
import type { SavedJobs } from './saved-jobs.ts';

interface JobTools extends DefineTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver'>;
  readonly jobs: SavedJobs;
  /** Forgets the runs of a job. Throws `JOB_RUNNING`. */
  readonly forgetRuns: (jobId: JobId) => Promise<void>;
  readonly reset: HandlersOf<'job'>['job.reset'];
  /** Passes over what was due of a job while it was paused. */
  readonly resumed: (job: Job) => Promise<void>;
}

/** Jobs: saved, named, passed on. */
export function jobProcedures(tools: JobTools): HandlersOf<'job'> {
  const { jobs, ports, forgetRuns, resumed } = tools;
  return {
    'job.list': async () => {
      const list = await jobs.list();
      return { ...list, jobs: list.jobs.map(shownJob) };
    },
    'job.get': async ({ jobId }) => shownJob(await jobs.get(jobId)),
    'job.save': async ({ replace, ...asked }, signal) => {
      const { definition, losses } = await defineJob(tools, asked, signal);
      return { job: shownJob(await jobs.save(definition, { replace, keepsRules: true }, signal)), losses };
    },
    'job.rename': async ({ jobId, name }, signal) => shownJob(await jobs.rename(jobId, name, signal)),
    'job.clone': async ({ jobId, name }, signal) => shownJob(await jobs.clone(jobId, name, signal)),
    'job.remove': async ({ jobId }, signal) => {
      await jobs.get(jobId);
      await forgetRuns(jobId);
      await jobs.remove(jobId, signal);
      return {};
    },
    'job.reset': tools.reset,
    'job.pause': async ({ jobId }, signal) => shownJob(await jobs.pause(jobId, true, signal)),
    'job.resume': async ({ jobId }, signal) => {
      const job = await jobs.pause(jobId, false, signal);
      await resumed(job);
      return shownJob(job);
    },
    'job.export': async ({ jobId }) => {
      const { definition } = await jobs.get(jobId);
      const folder = await newExportFolder(ports);
      const name = `${fileNameOf(definition.name)}.yaml`;
      const path = join(folder, name);
      await writeFile(path, writeJobFile(definition), { mode: 0o600 }).catch((error: unknown) => {
        throw diskFailure(error, 'the job’s file');
      });
      return offer(ports, folder, path, name);
    },
  };
}

/** What crosses the contract of a job. */
export function shownJob(job: Job): Job {
  return { ...job, definition: { ...job.definition, source: namesOf(job.definition.source) } };
}

/** A job's name as that of a file, on every system. */
function fileNameOf(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}._ -]+/gu, '-').replace(/^[. -]+|[. -]+$/g, '');
  return plain === '' ? 'job' : plain;
}
