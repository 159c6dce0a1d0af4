import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import type { MergeSource } from '../../../shared/domain/merge.ts';
import { RESEMBLANCE_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { clusterRows } from '../duplicates/cluster-pairs.ts';
import { DEFAULT_MODELS, modelFor } from '../duplicates/default-models.ts';
import { findResembling } from '../duplicates/find-resembling.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { bulkQuery } from '../query/bulk-query.ts';
import { COMPARED_FIELDS } from '../resembling/compared-kinds.ts';
import { STAGES } from '../resembling/find-in-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';

export interface FindTools {
  readonly client: OrgClient;
  readonly clock: Clock;
  readonly staging: StagingClient;
  /** How far it is. */
  readonly tell: (stage: WorkProgress['stage'], done: number, total: number | null) => void;
}

/** Ids by group, each id once, and what was no id or came again. */
export interface FoundGroups {
  readonly groups: readonly (readonly string[])[];
  readonly badIds: number;
  readonly repeated: number;
}

type Compared = keyof typeof COMPARED_FIELDS;

/** The fields that are compared, each as SOQL names it: of a contact's company the account's name. */
function comparedFields(of: Compared, readable: ReadonlySet<string>): { kind: ResemblanceKind; path: string }[] {
  return RESEMBLANCE_KINDS.flatMap((kind) => {
    const field = COMPARED_FIELDS[of][kind]?.find((name) => readable.has(name));
    return field === undefined ? [] : [{ kind, path: field === 'AccountId' ? 'Account.Name' : field }];
  });
}

/** What is compared with what: persons and companies are no duplicates of each other, and a model for one does not tell the other. */
function comparisonsOf(objectName: string, readable: ReadonlySet<string>): { of: Compared; condition: string }[] {
  if (objectName === 'Contact' || objectName === 'Lead') return [{ of: objectName, condition: '' }];
  if (objectName !== 'Account')
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `looking for duplicates of ${objectName}`,
      instead: 'Name the records in a file with an Id and a group column.',
    });
  if (!readable.has('IsPersonAccount')) return [{ of: 'Account', condition: '' }];
  return [
    { of: 'Account', condition: ' WHERE IsPersonAccount = false' },
    { of: 'PersonAccount', condition: ' WHERE IsPersonAccount = true' },
  ];
}

/** Records of the object that resemble each other, as groups. `readable` are fields that the user may read. */
export async function findResemblingGroups(
  tools: FindTools,
  objectName: string,
  readable: ReadonlySet<string>,
  folder: string,
  alias: string,
  signal: AbortSignal,
): Promise<FoundGroups> {
  const groups: string[][] = [];
  for (const { of, condition } of comparisonsOf(objectName, readable)) {
    const fields = comparedFields(of, readable);
    const records = await tools.client.count(`SELECT COUNT() FROM ${objectName}${condition}`, signal);
    if (records < 2 || modelFor(DEFAULT_MODELS[of], new Set(fields.map(({ kind }) => kind))).blocking.length === 0)
      continue;
    const soql = `SELECT Id, ${fields.map(({ path: field }) => field).join(', ')} FROM ${objectName}${condition}`;
    groups.push(...(await groupsIn(tools, { of, fields, soql, records }, folder, alias, signal)));
  }
  return { groups, badIds: 0, repeated: 0 };
}

interface Looked {
  readonly of: Compared;
  readonly fields: readonly { readonly kind: ResemblanceKind; readonly path: string }[];
  readonly soql: string;
  readonly records: number;
}

async function groupsIn(
  { client, clock, staging, tell }: FindTools,
  { of, fields, soql, records }: Looked,
  folder: string,
  alias: string,
  signal: AbortSignal,
): Promise<string[][]> {
  const path = join(folder, 'find.duckdb');
  await staging.create(alias, path, { columns: fields.length + 1, joinedRows: records }, signal);
  const table = tablesOf(alias).named('record');
  const columns = ['key', ...fields.map(({ kind }) => kind)].map(quoteName);
  try {
    await staging.run(`CREATE TABLE ${table} (${columns.map((name) => `${name} VARCHAR`).join(', ')})`, signal);
    tell('fetching', 0, records);
    const importPage = async (file: string, recordsSoFar: number): Promise<void> => {
      // Columns come in the order of the SELECT (Bulk API 2.0 guide).
      await staging.run(
        `INSERT INTO ${table} SELECT * FROM read_csv(${quoteText(file)}, columns = {${columns.map((name) => `'${name.slice(1, -1)}': 'VARCHAR'`).join(', ')}},
         auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
        signal,
      );
      tell('fetching', recordsSoFar, records);
    };
    await bulkQuery(client, clock, soql, folder, importPage, signal);
    const request = {
      alias,
      rows: { sql: table, key: 'key', columns: Object.fromEntries(fields.map(({ kind }) => [kind, kind])) },
      records: null,
      model: DEFAULT_MODELS[of],
    };
    const found = await findResembling(staging, request, signal, ({ stage, share }) => tell(STAGES[stage], share, 1));
    const clustered = await clusterRows(found, found.threshold);
    const rows = await staging.query(
      `SELECT cluster, string_agg(key, ' ' ORDER BY key) AS ids FROM ${clustered.table} GROUP BY cluster ORDER BY cluster`,
      [],
      signal,
    );
    return rows.map((row) => textOf(row, 'ids').split(' '));
  } finally {
    await staging.detach(alias);
    await rm(path, { force: true });
  }
}

/** How many rows of a file are looked at together. */
const ROWS = 20_000;

/** The groups that a file names: rows with the same text in one column are one group. A record belongs to the first that names it. */
export async function groupsOfFile(
  staging: StagingClient,
  { sourceId, idColumn, groupColumn }: Extract<MergeSource, { kind: 'file' }>,
  rows: number,
  signal: AbortSignal,
): Promise<FoundGroups> {
  const groups = new Map<string, string[]>();
  const seen = new Set<string>();
  let [badIds, repeated] = [0, 0];
  for (let from = 0; from < rows; from += ROWS) {
    const page = await staging.query(
      `SELECT trim(c${idColumn}) AS id, trim(c${groupColumn}) AS name FROM ${sourceId}.staged
       WHERE row_number > ${from} AND row_number <= ${from + ROWS} AND trim(c${groupColumn}) <> '' ORDER BY row_number`,
      [],
      signal,
    );
    for (const row of page) {
      const normal = normaliseRecordId(textOf(row, 'id'));
      if (!('id' in normal)) badIds++;
      else if (seen.has(normal.id)) repeated++;
      else {
        seen.add(normal.id);
        const name = textOf(row, 'name');
        groups.set(name, [...(groups.get(name) ?? []), normal.id]);
      }
    }
  }
  return { groups: [...groups.values()], badIds, repeated };
}
