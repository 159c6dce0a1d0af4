import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadId, OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { startBackend, startPracticeOrg, type TestBackend } from './start-backend.ts';

/** A job as the practice org's admin port lists it. */
export interface OrgJob {
  readonly id: string;
  readonly state: string;
  readonly processed: number;
}

export interface FaultBench {
  readonly org: Awaited<ReturnType<typeof startPracticeOrg>>;
  readonly app: TestBackend;
  readonly orgId: OrgId;
  /** Starts an insert of opportunities that no lookup can find again: what is written twice is counted twice. */
  insert(faults: unknown[], rows?: number): Promise<{ loadId: LoadId; marker: string }>;
  /** Plans any load of a file. */
  plan(csv: string, target: { object: string; operation: Operation }): Promise<LoadPlan>;
  /** Starts any load of a file, with faults from its start on. */
  load(csv: string, target: { object: string; operation: Operation }, faults: unknown[]): Promise<LoadId>;
  /** How many opportunities of an insert there are, once the faults are gone. */
  inOrg(marker: string): Promise<number>;
  jobs(): Promise<OrgJob[]>;
  signIn(): Promise<void>;
  close(): Promise<void>;
}

/** A practice org and a backend on which faults are injected. */
export async function startFaultBench(args: string[] = []): Promise<FaultBench> {
  const org = await startPracticeOrg(['--records', '10', ...args]);
  const app = await startBackend(org);
  const signIn = async () => (await app.call('orgs.signIn', { target: { kind: 'practice' } })).orgId;
  const orgId = await signIn();
  let runs = 0;
  const plan: FaultBench['plan'] = async (csv, { object, operation }) => {
    const path = join(app.data, `faults-${++runs}.csv`);
    await writeFile(path, csv);
    const { sourceId } = await app.stage(path);
    const wanted = { orgId, sourceId, objectName: object, operation, useSaved: false };
    const mapping = await app.call('mapping.suggest', wanted);
    return app.call('plan.build', { orgId, sourceId, mapping });
  };
  const load: FaultBench['load'] = async (csv, target, faults) => {
    const { planId, planDigest } = await plan(csv, target);
    await org.faults(faults);
    return (await app.call('load.start', { planId, planDigest })).loadId;
  };
  return {
    org,
    app,
    orgId,
    plan,
    load,
    insert: async (faults, rows = 500) => {
      const marker = `Run ${runs + 1}`;
      const lines = Array.from({ length: rows }, (_, n) => `${marker},Prospecting,2026-05-05,${n}`);
      const csv = `Opportunity Name,Stage,Close Date,Amount\n${lines.join('\n')}\n`;
      return { loadId: await load(csv, { object: 'Opportunity', operation: 'insert' }, faults), marker };
    },
    inOrg: async (marker) => {
      await org.faults([]);
      const soql = `SELECT Id FROM Opportunity WHERE Name = '${marker}'`;
      return (await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records;
    },
    jobs: () => org.admin<OrgJob[]>('GET', '/jobs'),
    signIn: async () => void (await signIn()),
    close: async () => {
      await app.close();
      org.stop();
    },
  };
}
