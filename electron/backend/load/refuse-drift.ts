import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { digestOf } from '../digest-of.ts';
import { quoteText } from '../tables/quote.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';

export function stalePlan(why: Extract<Failure, { code: 'PLAN_STALE' }>['why']): FailureError {
  return new FailureError({ code: 'PLAN_STALE', why, rows: 0 });
}

/** Fields or records changed in the org since the review: the plan no longer shows what would happen (R36, R37). */
export async function refuseDrift(
  staging: StagingClient,
  client: Pick<OrgClient, 'query'>,
  now: SObjectDescribe,
  { plan, describe }: StoredPlan,
  signal: AbortSignal,
): Promise<void> {
  if (digestOf(now) !== plan.describeDigest) throw stalePlan('describe');
  const stampField = fieldNamed(describe, 'SystemModstamp');
  if (plan.counts.update + plan.counts.delete === 0 || !stampField) return;
  const touched = `${plan.planId}.planned p JOIN ${plan.planId}.current_record c ON c.id = p.id WHERE p.kind IN ('update', 'delete')`;
  // The newest change seen bounds what can have come after it, by the org's clock and not by this machine's.
  const [newest] = await staging.query(`SELECT max(c.stamp) AS stamp FROM ${touched}`);
  const since = String(newest?.['stamp'] ?? '');
  if (since === '') return;
  const changed = await client.query(
    `SELECT Id, SystemModstamp FROM ${describe.name} WHERE SystemModstamp >= ${since} ORDER BY SystemModstamp DESC LIMIT 2000`,
    signal,
  );
  const current = changed.map((record) => {
    const stamp = fieldTypeOf(stampField).canonicalise(String(record['SystemModstamp']), stampField);
    return `(${quoteText(String(record['Id']))}, ${quoteText(stamp)})`;
  });
  if (current.length === 0) return;
  const [met] = await staging.query(
    `SELECT count(*) AS n FROM (SELECT c.id, c.stamp FROM ${touched}) seen JOIN (VALUES ${current.join(', ')}) now(id, stamp) ON now.id = seen.id WHERE now.stamp <> seen.stamp`,
  );
  const rows = Number(met?.['n'] ?? 0);
  if (rows > 0) throw new FailureError({ code: 'PLAN_STALE', why: 'drift', rows });
}
