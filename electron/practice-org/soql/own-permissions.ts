import type { Session } from '../records/org-data.ts';
import type { RecordTable, StoredRecord } from '../records/record-store.ts';
import { ID } from '../schema/schema.ts';

const NO_ID = '000000000000000AAA';

/**
 * The one record of UserPermissionAccess, "the permissions accessibility for a current user" (Object Reference for the
 * Salesforce Platform, UserPermissionAccess): nobody keeps it, and whoever asks gets their own. Null for any other object.
 */
export function ownPermissions({ profile }: Session, table: RecordTable): StoredRecord[] | null {
  if (table.object.name !== 'UserPermissionAccess') return null;
  const record: StoredRecord = [];
  for (const { slot, type, name } of table.object.fields)
    record[slot] = slot === ID ? NO_ID : type === 'boolean' ? profile.has(name.replace(/^Permissions/, '')) : null;
  return [record];
}
