import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { UndoWhat } from '../../../shared/domain/undo.ts';
import { recordsOf, type OrgRecords } from './org-records.ts';
import { startBench } from './start-bench.ts';

type Bench = Awaited<ReturnType<typeof startBench>>;

interface UndoBench extends Bench {
  readonly records: OrgRecords;
  readonly planOf: (mapping: FieldMapping, rows: readonly (readonly string[])[]) => Promise<LoadPlan>;
  readonly load: (plan: LoadPlan) => Promise<LoadSnapshot>;
  /** The plan of one step of an undo. */
  readonly undoPlan: (loadId: LoadId, what: UndoWhat) => Promise<LoadPlan>;
}

/** A bench (`startBench`) at which loads of accounts are made and taken back. */
export async function startUndoBench(): Promise<UndoBench> {
  const { org, app, orgId } = await startBench(['--records', '6']);
  let files = 0;
  const planOf = async (mapping: FieldMapping, rows: readonly (readonly string[])[]): Promise<LoadPlan> => {
    const path = join(app.data, `undone-${++files}.csv`);
    const header = mapping.columns.map(({ column }) => `C${column}`);
    const lines = [header, ...rows].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
    await writeFile(path, `${lines.join('\n')}\n`);
    const { sourceId } = await app.stage(path);
    return app.call('plan.build', { orgId, sourceId, mapping });
  };
  const load = async ({ planId, planDigest }: LoadPlan): Promise<LoadSnapshot> => {
    const { loadId } = await app.call('load.start', { planId, planDigest });
    return app.finished(loadId);
  };
  const undoPlan = async (loadId: LoadId, what: UndoWhat): Promise<LoadPlan> => {
    const { sourceId, choice, mapping } = await app.call('undo.prepare', { loadId, what });
    await app.opened(sourceId, choice);
    return app.call('plan.build', { orgId, sourceId, mapping });
  };
  return { org, app, orgId, records: recordsOf(org), planOf, load, undoPlan };
}

export function accountMapping(
  targets: readonly MappingTarget[],
  operation: FieldMapping['operation'] = 'upsert',
): FieldMapping {
  return {
    objectName: 'Account',
    operation,
    matchField: operation === 'upsert' ? 'ERP_Id__c' : operation === 'insert' ? null : 'Id',
    columns: targets.map((target, column) => newColumn(column, target)),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}
