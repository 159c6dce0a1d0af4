import { sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { refusesLoops } from '../../../shared/domain/hierarchy-fields.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, LEVEL, sent, tablesOf } from '../tables/tables.ts';
import { breakCircles } from './break-circles.ts';
import { homeSql, insertRows, levelParents, readGraph } from './parents-in-file.ts';
import type { PlannedMapping } from './plan-input.ts';

/**
 * In which order rows that name one another are loaded, and which of their lookups in a second step: those named by a key
 * as `levelParents` finds it, and those named by anything else (`own_found`) always then, for what would name them before is an Id
 * that they don't have. Whoever names a row that is not sent is not sent, by whichever lookup.
 */
export async function orderRows(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { ownFound, rowIssue, laterCell } = tablesOf(input.planId);
  const columns = sentColumns(input.mapping).filter(({ target }) => target.kind === 'found');
  const [found] = await staging.query(`SELECT count(*) AS n FROM ${ownFound}`);
  if (Number(found?.['n'] ?? 0) === 0) return levelParents(staging, input);
  const edges = columns.map((column) => edgesSql(input, column)).join(' UNION ALL ');
  const homes = async () => Number((await staging.query(`SELECT count(*) AS n FROM ${rowIssue}`))[0]?.['n']);
  for (let before = -1; before !== (await homes());) {
    before = await homes();
    for (const column of columns) await refuseLoops(staging, input, column);
    await stayHome(staging, input, edges);
    await levelParents(staging, input);
  }
  await staging.run(`INSERT INTO ${laterCell} SELECT row_number, source_column, of_row, value FROM (${edges})`);
}

/** Rows that are sent and name a row of the file in a column, with the text that they name it by. */
function edgesSql(input: PlannedMapping, { column }: MappedColumn): string {
  const { ownFound, mapped } = tablesOf(input.planId);
  return `SELECT e.row_number, e.source_column, e.of_row, m.${sent(column)} AS value FROM ${ownFound} e JOIN ${mapped} m USING (row_number)
    WHERE e.source_column = ${column} AND m.${sent(column)} <> '' AND e.row_number NOT IN ${homeSql(input)}`;
}

/** Keeps those home that name one who stays there, and whoever names them. */
async function stayHome(staging: StagingSql, input: PlannedMapping, edges: string): Promise<void> {
  const { rowIssue } = tablesOf(input.planId);
  await staging.run(
    `INSERT INTO ${rowIssue}
     WITH RECURSIVE edge AS MATERIALIZED (${edges}), below AS (
       SELECT row_number, source_column, of_row FROM edge WHERE of_row IN ${homeSql(input)}
       UNION SELECT e.row_number, e.source_column, e.of_row FROM edge e JOIN below b ON e.of_row = b.row_number)
     SELECT row_number, source_column, 'LOOKUP_PARENT_HOME', json_object('of', of_row) FROM below`,
  );
}

/** Circles by a hierarchy that Salesforce lets nobody close are not sent. */
async function refuseLoops(staging: StagingSql, input: PlannedMapping, column: MappedColumn): Promise<void> {
  if (!refusesLoops(input.describe.name, column.target.field)) return;
  const { rowIssue, level, named } = tablesOf(input.planId);
  const edge = named('row_parent');
  await staging.run(`${createTable(level, LEVEL)}; CREATE OR REPLACE TABLE ${edge} AS ${edgesSql(input, column)}`);
  const graph = await readGraph(staging, input, edge);
  if (graph !== null) {
    const rules = new Map([[column.column, { canWait: true, refusesLoops: true }]]);
    const { refused } = breakCircles(graph, rules, graph.row.length + 1);
    const issue = (at: number) =>
      `(${graph.row[at]}, ${column.column}, 'LOOKUP_CIRCLE', '${JSON.stringify({ of: graph.parent[at], reason: 'hierarchy' })}')`;
    await insertRows(
      staging,
      rowIssue,
      refused.map(({ edge: at }) => issue(at)),
    );
  }
  await staging.run(`DROP TABLE ${edge}`);
}
