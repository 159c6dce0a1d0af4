import { open } from 'node:fs/promises';
import Papa from 'papaparse';
import { bulkHeader, onlyNames, sentColumns } from '../../../../shared/domain/field-mapping.ts';
import type { ChosenRows, LoadPlan, PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { duplicateText, laterFields, plannedWord, resemblesText } from '../../../../shared/text/plan-text.ts';
import { diskFailure } from '../../documents/durable-file.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { reasonsText } from '../../validation/row-reasons.ts';
import { eachPage } from '../plan-pages.ts';

const MARK = '\ufeff';

/** Which rows a view shows. */
export type ShownRows = Exclude<ChosenRows, { rows: unknown }>;

/**
 * Writes a plan's rows as CSV for people to read: a line a row, with each field as it is in the org and as it would be; in a plan of two
 * steps a column names the fields that a row is given in the second. UTF-8 with its mark, which Excel wants, and no cell that a
 * spreadsheet takes for a formula. Throws `DISK_FULL` and `DISK_REFUSED`.
 */
export async function writePlanCsv(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  columns: readonly string[],
  view: ShownRows,
  path: string,
  progress: (rows: number) => void,
): Promise<void> {
  const fields = onlyNames(plan.mapping.operation)
    ? []
    : sentColumns(plan.mapping).map(({ target }) => bulkHeader(target));
  const header = [
    'Row',
    'Outcome',
    'Record ID',
    plan.mapping.matchField ?? 'First field',
    'Reason',
    ...(plan.secondStep ? ['Second step'] : []),
    ...fields.flatMap((field) => [`${field} (now)`, `${field} (after)`]),
    ...plan.shownFields,
  ];
  const line = (row: PlannedRow) => [
    String(row.row),
    plannedWord(row.kind),
    'id' in row ? row.id : '',
    row.key,
    reasonOf(row, columns),
    ...(plan.secondStep ? [laterFields(row).join(', ')] : []),
    ...fields.flatMap((field) => cellsOf(row, field)),
    ...plan.shownFields.map((field) => (row.kind === 'delete' ? valueOf(row.values, field) : '')),
  ];
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.write(`${MARK}${csv([header])}`);
      let rows = 0;
      for await (const page of eachPage(staging, plan, view)) {
        await file.write(csv(page.map(line)));
        progress((rows += page.length));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskFailure(error, 'the plan as CSV');
  }
}

function csv(lines: readonly (readonly string[])[]): string {
  return `${Papa.unparse(lines as string[][], { escapeFormulae: true, newline: '\r\n' })}\r\n`;
}

function reasonOf(row: PlannedRow, columns: readonly string[]): string {
  if (row.kind === 'blocked' || row.kind === 'leftOut') return reasonsText(row.issues, columns);
  return row.kind === 'duplicate' ? duplicateText(row) : resemblesText(row);
}

/** A field as it is and as it would be; blank where the row leaves it alone. */
function cellsOf(row: PlannedRow, field: string): [string, string] {
  if (row.kind === 'insert') return ['', valueOf(row.values, field)];
  const change = row.kind === 'update' ? row.changes.find((one) => one.field === field) : undefined;
  return change ? [change.old, change.cleared ? '#N/A' : change.new] : ['', ''];
}

function valueOf(values: readonly { field: string; value: string }[], field: string): string {
  return values.find((one) => one.field === field)?.value ?? '';
}
