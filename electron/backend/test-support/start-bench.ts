import { afterAll } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { startBackend, startPracticeOrg, type TestBackend } from './start-backend.ts';

/** A practice org and a backend that is signed in to it, for all tests of the file that awaits it at its top; ended after them. */
export async function startBench(
  args?: string[],
  options?: Parameters<typeof startBackend>[1],
): Promise<{ org: Awaited<ReturnType<typeof startPracticeOrg>>; app: TestBackend; orgId: OrgId }> {
  const org = await startPracticeOrg(args);
  const app = await startBackend(org, options);
  afterAll(async () => {
    await app.close();
    org.stop();
  });
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  return { org, app, orgId };
}
