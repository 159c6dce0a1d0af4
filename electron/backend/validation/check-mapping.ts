import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import {
  type FieldMapping,
  type MappedColumn,
  mappedColumns,
  matchColumn,
  needsJobs,
  onlyNames,
} from '../../../shared/domain/field-mapping.ts';
import { isWritable, whyReadOnly } from '../../../shared/domain/field-access.ts';
import { requiredFields } from '../../../shared/domain/required-fields.ts';
import { fieldNamed, isMatchField, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { settleMapping, type SettledMapping } from '../mapping/settle-mapping.ts';

/**
 * Everything wrong with a mapping before a single value is read (QUALITY.md, M01–M14), and the mapping with the org's own names,
 * which alone may be used. Pure.
 */
export function checkMapping(
  given: FieldMapping,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
): SettledMapping {
  const { mapping, issues: settling } = settleMapping(given, describe, parents, columns);
  const issues: MappingIssue[] = [...settling];
  const mapped = mappedColumns(mapping);
  const nameOf = (column: number): string => columns[column]?.name || `column ${column + 1}`;
  const allowed = {
    insert: describe.createable,
    update: describe.updateable,
    upsert: describe.createable && describe.updateable,
    delete: describe.deletable,
    hardDelete: describe.deletable,
    undelete: describe.undeletable !== false,
  };
  if (!allowed[mapping.operation]) {
    issues.push({
      code: 'OPERATION_NOT_ALLOWED',
      level: 'block',
      object: describe.label,
      operation: mapping.operation,
    });
  }
  if (mappedColumns(given).length === 0) issues.push({ code: 'NOTHING_MAPPED', level: 'block' });

  const byField = new Map<string, MappedColumn[]>();
  for (const column of mapped) {
    const key = column.target.field.toLowerCase();
    byField.set(key, [...(byField.get(key) ?? []), column]);
  }
  for (const same of byField.values()) {
    const [first] = same;
    if (first && same.length > 1) {
      issues.push({
        code: 'FIELD_MAPPED_TWICE',
        level: 'block',
        field: first.target.field,
        columns: same.map((one) => nameOf(one.column)),
      });
    }
  }
  issues.push(...checkFields(mapping, mapped, describe));
  issues.push(...checkMatchField(mapping, given.matchField, mapped, describe));

  const creates = mapping.operation === 'upsert' && mapping.policies?.upsert !== 'update-only';
  if (mapping.operation === 'insert' || creates) {
    for (const field of requiredFields(describe, given)) {
      if (mappedColumns(given).some(({ target }) => target.field.toLowerCase() === field.name.toLowerCase())) continue;
      // An upsert that only updates needs no required field; rows that would be created are held back by the plan.
      const level = mapping.operation === 'insert' ? 'block' : 'warn';
      issues.push({
        code: 'REQUIRED_UNMAPPED',
        level,
        field: field.name,
        label: field.label,
        object: describe.labelPlural,
      });
    }
  }
  if (mapping.policies?.unlessChangedSince !== undefined && !fieldNamed(describe, 'SystemModstamp'))
    issues.push({ code: 'CHANGE_NOT_DATED', level: 'block', object: describe.labelPlural });
  issues.push(...checkSending(mapping));
  const open = mapping.undoOf && mapping.operation === 'update' ? notCompared(given) : [];
  if (open.length > 0) issues.push({ code: 'UNDO_NOT_COMPARED', level: 'block', fields: open });
  issues.push(...checkHeaders(mapping, columns));
  const unmapped = given.columns.filter(
    ({ target, reason }) => target.kind === 'ignored' && reason !== 'result-column',
  );
  if (!onlyNames(mapping.operation) && unmapped.length > 0) {
    issues.push({ code: 'COLUMNS_UNMAPPED', level: 'warn', columns: unmapped.map(({ column }) => nameOf(column)) });
  }
  return { mapping, issues };
}

/** What was chosen of how rows are sent and would not hold. A way that is left to Longshore always fits. */
function checkSending({ operation, policies }: FieldMapping): MappingIssue[] {
  const issue = (chosen: 'allOrNone' | 'way'): MappingIssue => ({
    code: 'SENDING_DOES_NOT_FIT',
    level: 'block',
    operation,
    chosen,
  });
  const isUndelete = operation === 'undelete';
  const hasOneWay = isUndelete || needsJobs(operation);
  const way = policies?.way;
  return [
    ...(hasOneWay && policies?.allOrNone === true ? [issue('allOrNone')] : []),
    ...((isUndelete && (way === 'bulk' || way === 'bulk-1')) || (needsJobs(operation) && way === 'collections')
      ? [issue('way')]
      : []),
  ];
}

/** Fields that an undo would write whatever their record holds. */
function notCompared(mapping: FieldMapping): string[] {
  const key = matchColumn(mapping);
  return mappedColumns(mapping)
    .filter((column) => column !== key && column.expected === undefined)
    .map(({ target }) => target.field);
}

function checkFields(
  mapping: FieldMapping,
  mapped: readonly MappedColumn[],
  describe: SObjectDescribe,
): MappingIssue[] {
  return mapped.flatMap(({ target }): MappingIssue[] => {
    const field = fieldNamed(describe, target.field);
    const isKey = field?.name === mapping.matchField;
    if (!field || field.type === 'id' || isKey || isWritable(field, mapping.operation)) return [];
    const { operation } = mapping;
    return [{ code: 'FIELD_READ_ONLY', level: 'block', field: field.name, why: whyReadOnly(field), operation }];
  });
}

function checkMatchField(
  mapping: FieldMapping,
  matchField: string | null,
  mapped: readonly MappedColumn[],
  describe: SObjectDescribe,
): MappingIssue[] {
  if (mapping.operation === 'insert') return [];
  if (matchField === null) return [{ code: 'NO_MATCH_FIELD', level: 'block', object: describe.label }];
  const field = fieldNamed(describe, matchField);
  const mustBeId = mapping.operation !== 'upsert';
  if (!field || !isMatchField(field) || (mustBeId && field.type !== 'id')) {
    return [{ code: 'NOT_A_MATCH_FIELD', level: 'block', field: matchField }];
  }
  if (!mapped.some(({ target }) => target.kind === 'field' && target.field === field.name)) {
    return [{ code: 'MATCH_FIELD_UNMAPPED', level: 'block', operation: mapping.operation, field: field.name }];
  }
  const others = mapped.filter(({ target }) => target.field !== field.name);
  if (onlyNames(mapping.operation) && others.length > 0) {
    return [
      {
        code: 'DELETE_SENDS_ONLY_ID',
        level: 'warn',
        operation: mapping.operation,
        columns: others.map(({ target }) => target.field),
      },
    ];
  }
  return [];
}

/** Two columns of one name are a choice only the person can make: until it is made, nothing is loaded (F19). */
function checkHeaders(mapping: FieldMapping, columns: readonly SourceColumn[]): MappingIssue[] {
  const byName = new Map<string, SourceColumn[]>();
  for (const column of columns) {
    if (column.name !== '')
      byName.set(column.name.toLowerCase(), [...(byName.get(column.name.toLowerCase()) ?? []), column]);
  }
  return [...byName.values()].flatMap((same): MappingIssue[] => {
    const chosen = same.some(({ index }) =>
      ['chosen', 'saved', 'file'].includes(mapping.columns.find(({ column }) => column === index)?.reason ?? ''),
    );
    if (same.length < 2 || chosen) return [];
    return [
      {
        code: 'DUPLICATE_HEADER',
        level: 'block',
        header: same[0]?.name ?? '',
        columns: same.map(({ index }) => index + 1),
      },
    ];
  });
}
