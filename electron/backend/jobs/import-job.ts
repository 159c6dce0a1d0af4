import { dirname } from 'node:path';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { Job, JobSource } from '../../../shared/domain/job.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { jobOrg } from './define-job.ts';
import { sourceBelow } from './find-files.ts';
import { readJobFile } from './job-file.ts';
import type { SavedJobs } from './saved-jobs.ts';

/** A job's file, and what of it is to be otherwise here. */
export interface JobToImport {
  readonly text: string;
  /** Where the file is: paths in it that are not whole are below its folder. */
  readonly path: string;
  readonly fileName: string;
  readonly name?: string | undefined;
  /** The org that the job is to be for. */
  readonly orgId?: OrgId | undefined;
  /** Files that the job is to load, by their whole paths. */
  readonly paths?: readonly string[] | undefined;
  readonly replace: boolean;
}

/** Throws `JOB_FILE_UNREADABLE`, `JOB_NAME_TAKEN`, `ORG_UNKNOWN`. */
export async function importJob(
  { jobs, orgs }: { readonly jobs: SavedJobs; readonly orgs: Pick<OrgDirectory, 'get'> },
  { text, path, fileName, name, orgId, paths = [], replace }: JobToImport,
  signal: AbortSignal,
): Promise<Job> {
  const definition = readJobFile(text, fileName);
  const [first] = paths;
  const given: JobSource | null =
    first === undefined
      ? null
      : paths.length === 1
        ? { kind: 'file', path: first }
        : { kind: 'files', paths: [...paths] };
  return jobs.save(
    {
      ...definition,
      name: name ?? definition.name,
      org: orgId === undefined ? definition.org : jobOrg(orgs, orgId),
      source: sourceBelow(given ?? definition.source, dirname(path)),
    },
    { replace },
    signal,
  );
}
