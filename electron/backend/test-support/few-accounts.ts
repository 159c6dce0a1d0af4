import { writeFile } from 'node:fs/promises';
import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { to } from './small-plan.ts';
import type { TestBackend } from './start-backend.ts';

/** A plan that upserts accounts by key, from lines of key, name, phone and a remark that is not loaded. */
export async function planFewAccounts(
  app: TestBackend,
  orgId: OrgId,
  path: string,
  lines: readonly string[],
  policies?: WritePolicies,
): Promise<LoadPlan> {
  await writeFile(path, ['Key,Name,Phone,Remark', ...lines, ''].join('\n'));
  const { sourceId } = await app.stage(path);
  return app.call('plan.build', {
    orgId,
    sourceId,
    mapping: {
      objectName: 'Account',
      operation: 'upsert',
      matchField: 'ERP_Id__c',
      columns: [
        ...['ERP_Id__c', 'Name', 'Phone'].map((name, column) => newColumn(column, to(name))),
        newColumn(3, { kind: 'ignored' }),
      ],
      blankValues: 'leave',
      duplicateKeys: 'first',
      ...(policies ? { policies } : {}),
    },
  });
}
