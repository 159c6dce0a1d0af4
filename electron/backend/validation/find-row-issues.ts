import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { requiredFields } from '../../../shared/domain/required-fields.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { isAllowedUnder } from '../../../shared/field-types/picklist.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, cell, createTable, ROW_ISSUE, sent, tablesOf } from '../tables/tables.ts';
import { findErrors } from './excel-errors.ts';
import { mappedRows } from './mapped-rows.ts';
import { secondCells } from './read-second.ts';
import type { CheckInput } from './rule-field.ts';

/** Gathers in `row_issue` why rows are not sent: they could not be read, a value is wrong, or one that must be there is not. */
export async function findRowIssues(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
): Promise<void> {
  const { source, mapping, describe, parents } = input;
  const { rowIssue, rowRemark, staged, valueIssue } = tablesOf(source.alias);
  await staging.run(
    `${createTable(rowIssue, ROW_ISSUE)};
     INSERT INTO ${rowIssue} SELECT row_number, coalesce(problem_column, -1), problem, '{}' FROM ${staged} WHERE problem IS NOT NULL`,
  );
  for (const { column } of columns) {
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT s.row_number, ${column}, i.code, i.facts FROM ${staged} s
       JOIN ${valueIssue} i ON i.source_column = ${column} AND i.level = 'row' AND i.raw = coalesce(s.${cell(column)}, '') WHERE s.problem IS NULL`,
    );
  }
  const blankIn = (one: MappedColumn, code: string) =>
    staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${one.column}, ${quoteText(code)}, '{}' FROM ${mappedRows(input, [one])}
       WHERE ${sent(one.column)} IN ('', '#N/A')`,
    );
  const key = matchColumn(mapping);
  if (key) await blankIn(key, 'MATCH_VALUE_BLANK');
  if (mapping.operation === 'insert') {
    const required = requiredFields(describe, mapping);
    for (const column of columns) {
      if (required.some(({ name }) => name.toLowerCase() === column.target.field.toLowerCase()))
        await blankIn(column, 'REQUIRED_BLANK');
    }
  }
  if (mapping.operation === 'update' || mapping.operation === 'upsert') await findCleared(staging, input, columns);
  await checkDependentPicklists(staging, input, columns);
  // An error in the cell that a lookup finds its parent by beside its own is as wrong, whether or not that cell fills a field itself.
  const finding = secondCells(mapping, columns, parents).map(({ column }) => column);
  const others = finding.filter(({ column }, at) => finding.findIndex((one) => one.column === column) === at);
  const unmapped = others.filter(({ column }) => !columns.some((one) => one.column === column));
  await findErrors(staging, source.alias, [...columns, ...unmapped]);
  // What is wrong with a row that a person left out is no one's to mend.
  const isLeftOut = `row_number IN (SELECT row_number FROM ${rowIssue} WHERE code = 'LEFT_OUT')`;
  await staging.run(
    `DELETE FROM ${rowIssue} WHERE code <> 'LEFT_OUT' AND ${isLeftOut}; DELETE FROM ${rowRemark} WHERE ${isLeftOut}`,
  );
}

/**
 * `#N/A` in a field that may not be null is refused (REQUIRED_FIELD_MISSING, SOAP API guide, "StatusCode"), also where a new record
 * would get a default: "A non-nillable field must have a value in order for the object to be created or saved" (SOAP API guide,
 * "Field", nillable). A checkbox is only unchecked by it.
 */
async function findCleared(staging: StagingSql, input: CheckInput, columns: readonly MappedColumn[]): Promise<void> {
  const { source, mapping, describe } = input;
  const { rowIssue } = tablesOf(source.alias);
  const key = matchColumn(mapping)?.column;
  for (const one of columns) {
    const { column, target } = one;
    const field = fieldNamed(describe, target.field);
    if (!field || field.nillable || field.type === 'boolean' || column === key) continue;
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${column}, 'REQUIRED_CLEARED', '{}' FROM ${mappedRows(input, [one])}
       WHERE ${sent(column)} = '#N/A'`,
    );
  }
}

/**
 * Dependent values are judged by distinct pairs with their controlling value (V16). Of states and countries the API refuses a pair that
 * does not belong together (FIELD_INTEGRITY_EXCEPTION, SOAP API guide, "StatusCode"). Of other picklists it saves what the pages would
 * not offer: dependencies bind pages, and imports take any value (Salesforce Help, "Dependent Picklist Considerations"), so that these
 * rows are sent, and it is said.
 */
async function checkDependentPicklists(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
): Promise<void> {
  const { source, describe } = input;
  const { rowIssue, rowRemark } = tablesOf(source.alias);
  await staging.run(createTable(rowRemark, ROW_ISSUE));
  for (const own of columns) {
    const { column, target } = own;
    const dependent = fieldNamed(describe, target.field);
    if (!dependent?.dependentPicklist || !dependent.controllerName) continue;
    const controller = fieldNamed(describe, dependent.controllerName);
    const controlling = columns.find((candidate) => candidate.target.field === controller?.name);
    if (!controller || !controlling) continue;
    const [table, code] = dependent.compoundFieldName
      ? [rowIssue, 'PICKLIST_NOT_ALLOWED_HERE']
      : [rowRemark, 'PICKLIST_NOT_OFFERED_HERE'];
    const [one, other] = [canonical(controlling.column), canonical(column)];
    const rows = mappedRows(input, [controlling, own]);
    const pairs = await staging.query(
      `SELECT DISTINCT ${one} AS c, ${other} AS d FROM ${rows} WHERE ${other} <> '' ORDER BY ALL LIMIT 10000`,
    );
    for (const pair of pairs) {
      const [c, d] = [textOf(pair, 'c'), textOf(pair, 'd')];
      const selected = dependent.type === 'multipicklist' ? d.split(';') : [d];
      if (selected.every((value) => isAllowedUnder(dependent, controller, c, value))) continue;
      const facts = JSON.stringify({ controller: controller.label, controlling: c });
      await staging.run(
        `INSERT INTO ${table} SELECT row_number, ${column}, '${code}', ${quoteText(facts)} FROM ${rows}
         WHERE ${one} = ${quoteText(c)} AND ${other} = ${quoteText(d)}`,
      );
    }
  }
}
