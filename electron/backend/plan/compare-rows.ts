import {
  matchColumn,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import { canonical, orgCanonical, sent, tablesOf } from '../tables/tables.ts';
import { sentField } from '../validation/rule-field.ts';
import type { PlannedMapping } from './plan-input.ts';

/** The columns whose values are compared with the org's: those that are sent, but for the one that names the record. */
export function comparedColumns(mapping: FieldMapping): MappedColumn[] {
  const key = matchColumn(mapping);
  return key ? sentColumns(mapping).filter((column) => column !== key) : [];
}

/**
 * Whether sending a row's cell would change its record, as SQL over a row of `mapped` and a record of the org (`recordShape`).
 * A blank cell is not sent, so it changes nothing; #N/A clears, so it changes what is not blank. Polymorphic lookups are told apart
 * by the id that `parent_<n>` gives for the key.
 */
export function differsSql(column: MappedColumn, input: PlannedMapping, row = 'm', record = 'c'): string {
  const { planId, describe, parents } = input;
  const { target, column: n } = column;
  const field = sentField(column, describe, parents);
  const [value, current] = [`${row}.${canonical(n)}`, `coalesce(${record}.${orgCanonical(n)}, '')`];
  const isSent = `${row}.${sent(n)} <> ''`;
  if (target.kind === 'lookup' && target.polymorphic) {
    const meant = `(SELECT min(p.id) FROM ${tablesOf(planId).parent(n)} p WHERE p.k = ${foldKeySql(value, field)})`;
    return `(${isSent} AND coalesce(${meant}, '') <> ${current})`;
  }
  // A checkbox is checked or it is not: cleared, it is not.
  const cleared = field.type === 'boolean' ? `CASE WHEN ${value} = '' THEN 'false' ELSE ${value} END` : value;
  return `(${isSent} AND ${foldValueSql(cleared, field, target)} <> ${foldValueSql(current, field, target)})`;
}
