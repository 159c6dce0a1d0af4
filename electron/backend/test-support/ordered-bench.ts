import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { FieldMapping, Operation } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { recordsOf, type OrgRecords } from './org-records.ts';
import { to } from './small-plan.ts';
import { startBench } from './start-bench.ts';

const USUAL = { lockRowEvery: 0, queueDelay: 0, rowsPerSecond: 0 };

/** A mapping of berths that go in the order of the file. */
export function orderedMapping(operation: Operation, fields: readonly string[]): FieldMapping {
  return {
    objectName: 'Berth__c',
    operation,
    matchField: operation === 'insert' ? null : 'Id',
    columns: fields.map((field, column) => newColumn(column, to(field))),
    blankValues: 'leave',
    duplicateKeys: 'first',
    policies: { way: 'bulk-1' },
  };
}

/** Rows of `INSERT_NAMED`. */
export const named = (name: string, rows: number) => Array.from({ length: rows }, (_, n) => `${name} ${n},${n + 1}`);
export const INSERT_NAMED = orderedMapping('insert', ['Name', 'Depth__c']);

type Bench = Awaited<ReturnType<typeof startBench>>;

interface OrderedBench extends Bench {
  readonly records: OrgRecords;
  readonly planOf: (mapping: FieldMapping, rows: readonly string[]) => Promise<LoadPlan>;
  readonly begin: (mapping: FieldMapping, rows: readonly string[], faults?: readonly unknown[]) => Promise<LoadId>;
  /** Berths whose names begin so, by their depth; the faults are over then. */
  readonly inOrg: (name: string) => Promise<{ Id: string; Name: string; Depth__c: number }[]>;
}

/** A bench (`startBench`) at which rows go in the order of the file; each test begins without faults. */
export async function startOrderedBench(): Promise<OrderedBench> {
  const { org, app, orgId } = await startBench(['--records', '3', '--queue-delay', '0']);
  const records = recordsOf(org);
  beforeEach(async () => {
    await org.faults([]);
    await org.admin('PATCH', '/knobs', USUAL);
  });
  let files = 0;
  const planOf = async (mapping: FieldMapping, rows: readonly string[]): Promise<LoadPlan> => {
    const path = join(app.data, `ordered-${++files}.csv`);
    await writeFile(path, [mapping.columns.map(({ column }) => `C${column}`).join(','), ...rows, ''].join('\n'));
    const { sourceId } = await app.stage(path);
    return app.call('plan.build', { orgId, sourceId, mapping });
  };
  const begin = async (
    mapping: FieldMapping,
    rows: readonly string[],
    faults: readonly unknown[] = [],
  ): Promise<LoadId> => {
    const { planId, planDigest } = await planOf(mapping, rows);
    await org.faults([...faults]);
    return (await app.call('load.start', { planId, planDigest })).loadId;
  };
  const inOrg = async (name: string): Promise<{ Id: string; Name: string; Depth__c: number }[]> => {
    await org.faults([]);
    return (await records.query(
      `SELECT Id, Name, Depth__c FROM Berth__c WHERE Name LIKE '${name} %' ORDER BY Depth__c`,
    )) as never;
  };
  return { org, app, orgId, records, planOf, begin, inOrg };
}
