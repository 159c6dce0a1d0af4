import type { FieldDescribe } from './sobject.ts';

/** Whether a record can be made without a lookup and be given it afterwards: no master-detail, and nothing else that is required, can. */
export function canBeGivenLater(field: FieldDescribe | undefined): boolean {
  return field?.nillable === true && field.updateable;
}

/**
 * Lookups to an object's own records by which Salesforce lets no record lead back to itself, as `Object.Field`:
 * - Account.ParentId: "the account hierarchy as a directed acyclic graph", the save is refused
 *   (sfdcdevelopers.com, "Salesforce Account Parent-Child Circular Relationship", 2025);
 * - hierarchical relationships, which only User has: "users who do not directly or indirectly refer to themselves"
 *   (Salesforce Advanced Administrator Certification Guide, "Hierarchical relationships").
 * A custom lookup to its own object may: "Record A → Record B → Record C → Record A" (Salesforce Help 000383277). Of other standard
 * fields (Contact.ReportsToId, Case.ParentId …) nothing of the kind is documented, and they are taken to allow it.
 */
export function refusesLoops(objectName: string, fieldName: string): boolean {
  const object = objectName.toLowerCase();
  return object === 'user' || (object === 'account' && fieldName.toLowerCase() === 'parentid');
}
