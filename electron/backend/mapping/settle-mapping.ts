import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import {
  bulkHeader,
  type ColumnMapping,
  type FieldMapping,
  type FoundTarget,
  type MappingTarget,
} from '../../../shared/domain/field-mapping.ts';
import {
  canFindBy,
  fieldNamed,
  isMatchField,
  type FieldDescribe,
  type SObjectDescribe,
} from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';

/** A mapping in which every name is the org's own, and what of the one given was not. */
export interface SettledMapping {
  readonly mapping: FieldMapping;
  readonly issues: readonly MappingIssue[];
}

type Settled = { readonly target: MappingTarget } | { readonly unknown: string } | { readonly issue: MappingIssue };

/**
 * Replaces every name of a mapping by describe's own spelling of it. A mapping comes from outside (a window, a file, settings) and
 * its names go into SQL, SOQL and the headers of uploads, where a crafted one could do or read anything: what describe does not
 * name is not passed on, and blocks (M10). Pure.
 */
export function settleMapping(
  mapping: FieldMapping,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
): SettledMapping {
  const issues: MappingIssue[] = [];
  const unknown: string[] = [];
  const misplaced = new Set<number>();
  const settled = new Map<number, ColumnMapping>();
  for (const column of mapping.columns) {
    if (column.column >= columns.length || settled.has(column.column)) {
      misplaced.add(column.column + 1);
      continue;
    }
    const found = settleTarget(column.target, describe, parents, columns);
    if ('unknown' in found) unknown.push(found.unknown);
    if ('issue' in found) issues.push(found.issue);
    const target: MappingTarget = 'target' in found ? found.target : { kind: 'ignored' };
    settled.set(column.column, { ...column, target });
  }
  if (unknown.length > 0) issues.push({ code: 'FIELD_UNKNOWN', level: 'block', fields: unknown });
  if (misplaced.size > 0) issues.push({ code: 'COLUMNS_DO_NOT_FIT', level: 'block', columns: [...misplaced] });
  // An insert matches nothing; elsewhere a match field that is none is checkMapping's to say.
  const match = mapping.operation === 'insert' ? null : mapping.matchField;
  const matchField = match === null ? null : (fieldNamed(describe, match)?.name ?? null);
  return { mapping: { ...mapping, objectName: describe.name, matchField, columns: [...settled.values()] }, issues };
}

function settleTarget(
  target: MappingTarget,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
): Settled {
  if (target.kind === 'ignored') return { target };
  const field = fieldNamed(describe, target.field);
  if (!field) return { unknown: target.field };
  if (target.kind === 'field') {
    const ids = field.type === 'reference' && target.ids ? { ids: target.ids } : {};
    return { target: { kind: 'field', field: field.name, ...ids } };
  }
  if (target.kind === 'found') return settleFound(target, field, parents, columns);
  const { relationshipName } = field;
  const isRelationship =
    field.type === 'reference' && relationshipName?.toLowerCase() === target.relationshipName.toLowerCase();
  const parentName = field.referenceTo.find((name) => name.toLowerCase() === target.parentObject.toLowerCase());
  if (!isRelationship || !relationshipName || parentName === undefined) return { unknown: bulkHeader(target) };
  const parent = parents.get(parentName.toLowerCase());
  const parentField = parent && fieldNamed(parent, target.parentField);
  if (!parentField || !isMatchField(parentField)) {
    const issue = { code: 'PARENT_FIELD_CANNOT_MATCH', level: 'block', parent: parentName } as const;
    return { issue: { ...issue, field: target.parentField } };
  }
  return {
    target: {
      kind: 'lookup',
      field: field.name,
      relationshipName,
      parentObject: parentName,
      parentField: parentField.name,
      // Salesforce calls a lookup polymorphic that may lead to more than one object (SOQL and SOSL Reference, "Polymorphic Fields").
      polymorphic: field.referenceTo.length > 1,
    },
  };
}

function settleFound(
  target: FoundTarget,
  field: FieldDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
): Settled {
  const parentName = field.referenceTo.find((name) => name.toLowerCase() === target.parentObject.toLowerCase());
  if (field.type !== 'reference' || parentName === undefined)
    return { unknown: `${target.field} (${target.parentObject})` };
  const parent = parents.get(parentName.toLowerCase());
  const named = (name: string) => {
    const found = parent && fieldNamed(parent, name);
    return found && canFindBy(found) ? found.name : null;
  };
  const cannot = (name: string): Settled => ({
    issue: { code: 'PARENT_FIELD_CANNOT_FIND', level: 'block', parent: parentName, field: name },
  });
  const parentField = named(target.parentField);
  if (parentField === null) return cannot(target.parentField);
  const settled = { ...target, field: field.name, parentObject: parentName, parentField };
  if (!target.and) return { target: settled };
  const second = named(target.and.parentField);
  if (second === null || second === parentField) return cannot(target.and.parentField);
  if (target.and.column >= columns.length) {
    return { issue: { code: 'COLUMNS_DO_NOT_FIT', level: 'block', columns: [target.and.column + 1] } };
  }
  return { target: { ...settled, and: { parentField: second, column: target.and.column } } };
}
