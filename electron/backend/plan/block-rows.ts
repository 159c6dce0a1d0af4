import { mappedColumns, matchColumn, onlyNames, sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { FetchedRecords } from '../../../shared/domain/fetched-records.ts';
import { requiredFields } from '../../../shared/domain/required-fields.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import {
  canonical,
  cell,
  createTable,
  MATCHED,
  OWN_PARENT,
  parentName,
  sent,
  storedName,
  TABLE_NAMES,
  tablesOf,
} from '../tables/tables.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { mergesRepeated } from '../validation/repeat-choices.ts';
import { ruleField } from '../validation/rule-field.ts';
import { fetchCurrentRecords, type FetchTools } from './fetch-current-records.ts';
import { fetchMatches } from './fetch-matches.ts';
import { ownKeyOf, ownKeysSql } from './parents-in-file.ts';
import type { PlanInput } from './plan-input.ts';
import { NOTHING_COMPARED } from './record-request.ts';

/**
 * Lookups by external id whose parent is not there (V29), or there more than once. One that is a row of the file itself is noted in
 * `own_parent`, for `levelParents`.
 */
export async function blockMissingParents(tools: FetchTools, input: PlanInput, signal: AbortSignal): Promise<void> {
  const { planId, mapping, describe, parents, folder } = input;
  const { mapped, parent, rowIssue, ownParent } = tablesOf(planId);
  await tools.staging.until(signal).run(createTable(ownParent, OWN_PARENT));
  for (const column of sentColumns(mapping)) {
    const { target } = column;
    if (target.kind !== 'lookup') continue;
    const parentField = ruleField(column, describe, parents);
    const value = canonical(column.column);
    const table = parentName(column.column);
    const request = {
      objectName: target.parentObject,
      keyField: parentField,
      ...NOTHING_COMPARED,
    };
    await fetchCurrentRecords(
      tools,
      { alias: planId, table, folder, ...request },
      // What is no value of the field is no key either: it would stand in SOQL as it was written.
      `SELECT ${value} AS k FROM ${mapped} ANTI JOIN (SELECT row_number FROM ${rowIssue} WHERE source_column = ${column.column}) USING (row_number)`,
      signal,
      () => undefined,
    );
    const facts = `json_object('parent', ${quoteText(target.parentObject)}, 'parentField', ${quoteText(target.parentField)}, 'value', ${sent(column.column)})`;
    const key = foldKeySql(value, parentField);
    const unfound = `FROM ${mapped} m LEFT JOIN (SELECT k, count(*) AS n FROM ${parent(column.column)} GROUP BY k) p ON p.k = ${key}
       WHERE ${value} <> '' AND row_number NOT IN (SELECT row_number FROM ${rowIssue} WHERE source_column = ${column.column})`;
    const own = ownKeyOf(mapping, describe, column);
    const inFile = own ? `p.n IS NULL AND ${key} IN (${ownKeysSql(input, own)})` : 'false';
    await tools.staging.until(signal).run(
      `INSERT INTO ${ownParent} SELECT row_number, ${column.column}, ${key} ${unfound} AND ${inFile};
       INSERT INTO ${rowIssue} SELECT row_number, ${column.column}, CASE WHEN p.n IS NULL THEN 'LOOKUP_NOT_FOUND' ELSE 'LOOKUP_AMBIGUOUS' END, ${facts}
       ${unfound} AND (p.n IS NULL OR p.n > 1) AND NOT (${inFile})`,
    );
  }
}

/**
 * Rows of an insert that a result file says have their record (`sf__Id`): one of a second step that failed, or of a file of successes.
 * Inserted, they would be there twice.
 */
export async function blockLoadedBefore(staging: StagingSql, input: PlanInput): Promise<void> {
  const { planId, mapping, describe, source } = input;
  const column = source.columns.find(({ name }) => name.toLowerCase() === 'sf__id')?.index;
  if (mapping.operation !== 'insert' || column === undefined || !describe.keyPrefix) return;
  const { staged, rowIssue } = tablesOf(planId);
  const id = `trim(${cell(column)})`;
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT row_number, ${column}, 'ROW_ALREADY_LOADED', '{}' FROM ${staged}
     WHERE starts_with(${id}, ${quoteText(describe.keyPrefix)}) AND regexp_full_match(${id}, '[0-9A-Za-z]{15}([0-9A-Za-z]{3})?')`,
  );
}

/** Fetches the records that rows name, and counts in `matched` how many each key names. */
export async function matchRows(
  tools: FetchTools,
  input: PlanInput,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<FetchedRecords | null> {
  const { mapped, matched, rowIssue, currentRecord } = tablesOf(input.planId);
  const key = matchColumn(input.mapping);
  if (!key) return null;
  const keysSql = `SELECT ${canonical(key.column)} AS k FROM ${mapped} ANTI JOIN ${rowIssue} USING (row_number)`;
  const fetched = await fetchMatches(tools, input, { table: TABLE_NAMES.currentRecord, keysSql }, signal, progress);
  const staging = tools.staging.until(signal);
  // By numbers of eight bytes it is found at once that no key is there twice, as nearly always; to group a million texts is dear.
  const [twice] = await staging.query(
    `SELECT 1 AS one FROM ${currentRecord} GROUP BY hash(k) HAVING count(*) > 1 LIMIT 1`,
  );
  await staging.run(
    twice
      ? `${createTable(matched, MATCHED)};
         INSERT INTO ${matched} SELECT k, count(*) AS n, min(id) AS id FROM ${currentRecord} GROUP BY k`
      : // Without its database in a view: that is opened under another name later.
        `CREATE VIEW ${matched} AS SELECT k, 1 AS n, id FROM ${quoteName(storedName(TABLE_NAMES.currentRecord))}`,
  );
  return fetched;
}

/** Rows that the org could not take: no record, several records, or a new record without what it must have. */
export async function blockUnmatched(tools: FetchTools, input: PlanInput, signal: AbortSignal): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const { mapped, matched, rowIssue, currentRecord } = tablesOf(planId);
  const staging = tools.staging.until(signal);
  const key = matchColumn(mapping);
  if (!key) return;
  const rowKey = foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents));
  const several = `SELECT k, count(*) AS n, string_agg(id, ', ' ORDER BY id) AS ids FROM ${currentRecord}
    WHERE k IN (SELECT k FROM ${matched} WHERE n > 1) GROUP BY k`;
  const open = `FROM ${mapped} m ANTI JOIN ${rowIssue} USING (row_number)`;
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT m.row_number, ${key.column}, 'MATCH_AMBIGUOUS', json_object('records', g.ids, 'count', g.n)
     ${open} JOIN (${several}) g ON g.k = ${rowKey}`,
  );
  const unmatched = `${open} LEFT JOIN ${matched} g ON g.k = ${rowKey} WHERE g.k IS NULL`;
  const neverCreates = mapping.operation === 'upsert' && mapping.policies?.upsert === 'update-only';
  if (neverCreates || mapping.operation === 'update' || onlyNames(mapping.operation)) {
    const code = neverCreates ? 'NO_RECORD_TO_UPDATE' : 'RECORD_NOT_FOUND';
    await staging.run(`INSERT INTO ${rowIssue} SELECT m.row_number, ${key.column}, '${code}', '{}' ${unmatched}`);
    return;
  }
  for (const field of requiredFields(describe, mapping)) {
    const column = mappedColumns(mapping).find(({ target }) => target.field === field.name);
    const blank = column ? `${standingCell(input, sent(column.column))} IN ('', '#N/A')` : 'true';
    const facts = quoteText(JSON.stringify({ field: field.label, object: describe.labelPlural }));
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT m.row_number, ${column?.column ?? -1}, 'REQUIRED_BLANK', ${facts} ${unmatched} AND ${blank}`,
    );
  }
}

/** A cell of the row `m`; where that was merged into another, of that one, which has what they say together. */
function standingCell({ planId, mapping }: PlanInput, name: string): string {
  if (!mergesRepeated(mapping)) return `m.${name}`;
  const { mapped, repeated } = tablesOf(planId);
  const stands = `SELECT w.${name} FROM ${repeated} r JOIN ${mapped} w ON w.row_number = r.of_row
    WHERE r.row_number = m.row_number AND r.decision = 'merged'`;
  return `coalesce((${stands}), m.${name})`;
}
