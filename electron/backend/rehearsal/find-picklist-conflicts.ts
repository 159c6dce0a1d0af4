import { z } from 'zod';
import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { PicklistConflict } from '../../../shared/domain/rehearsal.ts';
import { fieldNamed, type FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, tablesOf } from '../tables/tables.ts';

/** User Interface API Developer Guide, "Object Info". */
const ObjectInfo = z.object({
  defaultRecordTypeId: z.string().nullish(),
  recordTypeInfos: z.record(z.string(), z.object({ name: z.string() })).default({}),
});

/** User Interface API Developer Guide, "Picklist Values Collection" and "Picklist Values". */
const PicklistValues = z.object({
  picklistFieldValues: z.record(
    z.string(),
    z.object({
      controllerValues: z.record(z.string(), z.number()),
      values: z.array(z.object({ value: z.string(), validFor: z.array(z.number()).default([]) })),
    }),
  ),
});
type FieldValues = z.infer<typeof PicklistValues>['picklistFieldValues'][string];

/** Different values of a field with their record type and controlling value that are looked at. */
const COMBINATIONS = 10_000;
const TOLD = 200;

interface Listed {
  readonly column: number;
  readonly field: FieldDescribe;
  /** The column of the controlling field. */
  readonly controller: number | null;
}

function picklistColumns({ plan: { mapping }, describe }: StoredPlan): Listed[] {
  const sent = sentColumns(mapping).filter(({ target }) => target.kind === 'field');
  return sent.flatMap(({ column, target }) => {
    const field = fieldNamed(describe, target.field);
    if (field?.type !== 'picklist' && field?.type !== 'multipicklist') return [];
    const controller = sent.find((other) => other.target.field === field.controllerName);
    return [{ column, field, controller: controller?.column ?? null }];
  });
}

/**
 * Rows whose record type does not have their picklist value, or not for their controlling value: such values are refused where the
 * picklist is restricted (INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, SOAP API guide, "StatusCode"). Of rows that say no record type,
 * those that would be created get the user's default one; of the others the record type is not looked up, and they are left alone.
 */
export async function findPicklistConflicts(
  client: Pick<OrgClient, 'json'>,
  staging: StagingSql,
  stored: StoredPlan,
  signal: AbortSignal,
): Promise<{ conflicts: PicklistConflict[]; recordTypes: number; calls: number }> {
  const path = `ui-api/object-info/${encodeURIComponent(stored.describe.name)}`;
  const info = await client.json('GET', path, ObjectInfo, signal);
  const rows = rowsSql(stored, info.defaultRecordTypeId ?? '');
  const found = await staging.query(`SELECT DISTINCT rt FROM (${rows}) WHERE rt <> '' ORDER BY rt LIMIT 200`);
  const conflicts: PicklistConflict[] = [];
  for (const type of found) {
    const id = textOf(type, 'rt');
    const { picklistFieldValues } = await client.json('GET', `${path}/picklist-values/${id}`, PicklistValues, signal);
    for (const listed of picklistColumns(stored)) {
      const values = picklistFieldValues[listed.field.name];
      if (!values) continue;
      const controlling = listed.controller === null ? "''" : canonical(listed.controller);
      const combinations = await staging.query(
        `SELECT ${canonical(listed.column)} AS value, ${controlling} AS controlling, count(*) AS n, min(row_number) AS first_row
         FROM (${rows}) WHERE rt = ${quoteText(id)} AND ${canonical(listed.column)} <> '' GROUP BY 1, 2 ORDER BY first_row LIMIT ${COMBINATIONS}`,
      );
      const recordType = info.recordTypeInfos[id]?.name ?? id;
      conflicts.push(...combinations.flatMap((row) => conflictsOf(row, listed, values, recordType)));
    }
  }
  conflicts.sort((a, b) => b.rows - a.rows);
  return { conflicts: conflicts.slice(0, TOLD), recordTypes: found.length, calls: 1 + found.length };
}

/** Rows that would be sent, with the record type that each says or gets. */
function rowsSql({ plan: { planId, mapping } }: StoredPlan, byDefault: string): string {
  const { planned, mapped } = tablesOf(planId);
  const said = sentColumns(mapping).find(
    ({ target }) => target.field === 'RecordTypeId' && (target.kind === 'field' || target.kind === 'found'),
  );
  const own = said ? `m.${canonical(said.column)}` : "''";
  return `SELECT m.*, CASE WHEN ${own} <> '' THEN ${own} WHEN p.kind = 'insert' THEN ${quoteText(byDefault)} ELSE '' END AS rt
    FROM ${planned} p JOIN ${mapped} m USING (row_number) WHERE p.kind IN ('insert', 'update')`;
}

/** Of several selected values each is looked at by itself. */
function conflictsOf(row: SqlRow, { field }: Listed, values: FieldValues, recordType: string): PicklistConflict[] {
  const text = textOf(row, 'value');
  const controlling = textOf(row, 'controlling');
  const place = values.controllerValues[controlling];
  const parts = field.type === 'multipicklist' ? text.split(';') : [text];
  // A value that the field does not have at all is new, and told as that.
  const known = parts.filter((value) => field.picklistValues.some((entry) => entry.value === value));
  return known.flatMap((value): PicklistConflict[] => {
    const entry = values.values.find((one) => one.value === value);
    const isAllowed = controlling === '' || place === undefined || entry?.validFor.includes(place) === true;
    if (entry && isAllowed) return [];
    return [
      {
        field: field.name,
        fieldLabel: field.label,
        recordType,
        value,
        controlling: entry ? controlling : null,
        rows: Number(row['n']),
        firstRow: SourceRowNumber.parse(Number(row['first_row'])),
      },
    ];
  });
}
