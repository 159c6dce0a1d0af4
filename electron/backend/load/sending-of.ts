import { NEVER } from '../never.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { decidedMapping } from '../plan/decided-rows.ts';
import { Bulk1Client } from './bulk1-client.ts';
import { IngestJobClient } from './ingest-job-client.ts';
import type { LoadTools } from './load-process.ts';
import type { OpenedLoad } from './opened-load.ts';
import { secondMapping } from './second-step.ts';
import type { WholeRun } from './whole-run.ts';

/** What a load does while it runs, beside sending: it is told how far it has come, and what ends it. */
type OfProcess = 'journal' | 'cancel' | 'stop' | 'progress' | 'count' | 'notice' | 'change' | 'added' | 'holdToDisk';

interface Sender extends Pick<OpenedLoad, 'stored' | 'folder'> {
  readonly client: OrgClient;
  /** Who asks, as the org knows them. */
  readonly userId: string;
}

/** What the rows of a load are sent, looked up, and reconciled with, as its plan says. */
export function sendingOf(
  { ports, staging, knownJobs }: Pick<LoadTools, 'ports' | 'staging' | 'knownJobs'>,
  { client, userId, stored, folder }: Sender,
): Omit<WholeRun, OfProcess> {
  const { plan, describe, parents } = stored;
  const { mapping } = plan;
  const parentsByName = new Map(parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const first = { planId: plan.planId, mapping, describe, parents: parentsByName, folder };
  const object = mapping.objectName;
  const assignmentRuleId = mapping.policies?.assignmentRule?.id ?? null;
  return {
    client: new IngestJobClient(client),
    keepMoved: null,
    held: NEVER,
    alone: (work) => work(),
    clients: { bulk: new IngestJobClient(client), 'bulk-1': new Bulk1Client(client) },
    collections: client,
    fetchedAt: plan.currentRecordsFetchedAt,
    staging,
    clock: ports.clock,
    orgNow: () => client.now(),
    host: client.host,
    specs: {
      first: {
        object,
        operation: mapping.operation,
        externalIdFieldName: mapping.operation === 'upsert' ? mapping.matchField : null,
        assignmentRuleId,
      },
      decided: { object, operation: 'update', externalIdFieldName: null, assignmentRuleId },
      second: { object, operation: 'update', externalIdFieldName: null, assignmentRuleId: null },
    },
    folder,
    stored,
    results: {
      fetch: { client, staging, clock: ports.clock },
      planned: {
        first,
        decided: { ...first, mapping: decidedMapping(mapping, first.describe), step: 'decided' },
        second: { ...first, mapping: secondMapping(plan), step: 'second' },
      },
    },
    orphans: { userId, knownJobs },
  };
}
