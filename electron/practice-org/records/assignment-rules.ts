import type { AssignmentRuleFile } from '../schema/schema-file.ts';
import { ID } from '../schema/schema.ts';
import type { OrgData } from './org-data.ts';
import type { RecordTable, StoredRecord } from './record-store.ts';
import { asRecordId } from './record-ids.ts';
import { refuse } from './save-error.ts';

/** What a call says of assignment rules: none, the active one, or the one of this Id. */
export type Assignment = { readonly kind: 'none' | 'active' } | { readonly kind: 'rule'; readonly id: string };

const OBJECTS = new Set(['Case', 'Lead']);

/** REST API Developer Guide, "Assignment Rule Header": TRUE where the header is missing. */
export function assignmentHeader(header: string): Assignment {
  if (/^false$/i.test(header)) return { kind: 'none' };
  return header === '' || /^true$/i.test(header) ? { kind: 'active' } : { kind: 'rule', id: header };
}

/**
 * Gives a new case or lead to the queue of the rule that the call names, active or not (Object Reference, "AssignmentRule"). The
 * practice org's rules have one entry each, which every record meets. A rule of another object, or none, is refused in words of ours.
 */
export function assignOwner(data: OrgData, assignment: Assignment, table: RecordTable, record: StoredRecord): void {
  const owner = table.field('OwnerId');
  if (assignment.kind === 'none' || !OBJECTS.has(table.object.name) || !owner) return;
  const rule = ruleOf(data, assignment, table.object.name);
  if (rule === null) return;
  const queues = data.store.table('Group');
  const name = queues?.field('DeveloperName')?.slot ?? ID;
  const queue = [...(queues?.records.values() ?? [])].find((one) => one[name] === rule.queue);
  if (queue) record[owner.slot] = queue[ID] ?? null;
}

function ruleOf(data: OrgData, assignment: Assignment, objectName: string): AssignmentRuleFile | null {
  const rules = data.file.assignmentRules;
  if (assignment.kind !== 'rule') return rules.find((rule) => rule.active && rule.object === objectName) ?? null;
  const id = asRecordId(assignment.id);
  if (id === null) refuse('MALFORMED_ID', `bad id ${assignment.id}`);
  const table = data.store.table('AssignmentRule');
  const told = table?.records.get(id)?.[table.field('Name')?.slot ?? ID];
  const rule = rules.find(({ name, object }) => name === told && object === objectName);
  if (!rule) refuse('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  return rule;
}
