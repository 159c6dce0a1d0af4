import type { Lane } from './lane.ts';
import { must } from './model-failure.ts';

/** Requests a load of one job may make in one go besides those that its pauses account for, and what each further job may. */
const IN_ONE_GO = 80;
const A_JOB = 8;
/** Requests a second by the backend's own clock, which counts pauses in full: more is a busy loop. */
const A_SECOND = 6;

/** Holds the requests of one go of at most so many jobs to a rate: however long a fault lasts, there is a pause between tries. */
export async function watchRequests(lane: Lane, jobs: number): Promise<{ check(): Promise<void> }> {
  const { app, org } = lane;
  const first = await org.requestCount();
  const { virtual: from } = await app.clock();
  return {
    check: async () => {
      // A process that was killed took its clock with it.
      if (app.gone || lane.app !== app) return;
      const { virtual, pauses } = await app.clock();
      const seconds = (virtual - from) / 1000;
      const count = (await org.requestCount()) - first;
      if (count <= IN_ONE_GO + A_JOB * (jobs - 1) + A_SECOND * seconds) return;
      const requests = (await org.requestsAfter(first))
        .slice(0, 200)
        .map(({ method, path, status }) => `${method} ${path} ${status}`);
      must(false, 'tries have pauses between them', { count, seconds, pauses: pauses.slice(0, 50), requests });
    },
  };
}
