import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { to } from './small-plan.ts';
import type { TestBackend } from './start-backend.ts';

/** Plans loads of accounts from files of one column: names for an insert, and otherwise Ids. */
export function cellPlans(
  app: TestBackend,
  orgId: OrgId,
): (operation: Operation, cells: readonly string[], as?: OrgId, policies?: WritePolicies) => Promise<LoadPlan> {
  let files = 0;
  return async (operation, cells, as = orgId, policies) => {
    const path = join(app.data, `cells-${++files}.csv`);
    await writeFile(path, ['Cell', ...cells, ''].join('\n'));
    const { sourceId } = await app.stage(path);
    return app.call('plan.build', {
      orgId: as,
      sourceId,
      mapping: {
        objectName: 'Account',
        operation,
        matchField: operation === 'insert' ? null : 'Id',
        columns: [newColumn(0, to(operation === 'insert' ? 'Name' : 'Id'))],
        blankValues: 'leave',
        duplicateKeys: 'first',
        ...(policies ? { policies } : {}),
      },
    });
  };
}
