import { ID } from '../schema/schema.ts';
import type { OrgData, Session } from './org-data.ts';
import type { RecordTable, Stored } from './record-store.ts';
import { refuse } from './save-error.ts';

/**
 * Who may own a record. A user who is inactive may not, unless whoever saves has the permission "Update Records with Inactive
 * Owners" (Salesforce Help, "Enable 'Create Audit Fields'"; INACTIVE_OWNER_OR_USER, "operation performed with inactive user":
 * Help 000205862). A group owns nothing but as a queue, and then records of the objects that it is set up for (Object Reference,
 * "QueueSobject"; the wording for a queue of other objects is made up).
 */
export function checkOwner({ store }: OrgData, { profile }: Session, table: RecordTable, id: string): void {
  const owners = store.tableOfId(id);
  const record = owners?.records.get(id);
  if (!owners || !record) return;
  const value = (name: string): Stored => record[owners.field(name)?.slot ?? ID] ?? null;
  if (owners.object.name === 'User') {
    if (value('IsActive') === true || profile.has('UpdateWithInactiveOwner')) return;
    const whose = table.object.label.toLowerCase();
    refuse(
      'INACTIVE_OWNER_OR_USER',
      `operation performed with inactive user [${id.slice(0, 15)}] as owner of ${whose}`,
    );
  }
  if (value('Type') !== 'Queue')
    refuse('FIELD_INTEGRITY_EXCEPTION', `Owner ID: id value of incorrect type: ${id}`, ['OwnerId']);
  const links = store.table('QueueSobject');
  const [queue, object] = [links?.field('QueueId'), links?.field('SobjectType')];
  const takes = [...(links?.records.values() ?? [])].some(
    (link) => link[queue?.slot ?? ID] === id && link[object?.slot ?? ID] === table.object.name,
  );
  if (!takes) refuse('INVALID_OPERATION', 'Queue not associated with this SObject type', ['OwnerId']);
}
