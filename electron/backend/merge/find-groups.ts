import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { FailureError } from '../../../shared/contract/failure.ts';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import type { MergeSource } from '../../../shared/domain/merge.ts';
import { RESEMBLANCE_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { clusterRows } from '../duplicates/cluster-pairs.ts';
import { DEFAULT_MODELS } from '../duplicates/default-models.ts';
import { findResembling } from '../duplicates/find-resembling.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { bulkQuery } from '../query/bulk-query.ts';
import { COMPARED_FIELDS } from '../resembling/compared-kinds.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';

export interface FindTools {
  readonly client: OrgClient;
  readonly clock: Clock;
  readonly staging: StagingClient;
}

/** Ids by group, each id once, and what was no id or came again. */
export interface FoundGroups {
  readonly groups: readonly (readonly string[])[];
  readonly badIds: number;
  readonly repeated: number;
}

/** The fields that are compared, each as SOQL names it: of a contact's company the account's name. */
function comparedFields(
  objectName: 'Account' | 'Contact' | 'Lead',
  readable: ReadonlySet<string>,
): { kind: ResemblanceKind; path: string }[] {
  return RESEMBLANCE_KINDS.flatMap((kind) => {
    const field = COMPARED_FIELDS[objectName][kind]?.find((name) => readable.has(name));
    return field === undefined ? [] : [{ kind, path: field === 'AccountId' ? 'Account.Name' : field }];
  });
}

/** Records of the object that resemble each other, as groups. `readable` are fields that the user may read. */
export async function findResemblingGroups(
  { client, clock, staging }: FindTools,
  objectName: string,
  readable: ReadonlySet<string>,
  folder: string,
  alias: string,
  signal: AbortSignal,
): Promise<FoundGroups> {
  if (!(objectName === 'Account' || objectName === 'Contact' || objectName === 'Lead'))
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: `looking for duplicates of ${objectName}`,
      instead: 'Name the records in a file with an Id and a group column.',
    });
  const fields = comparedFields(objectName, readable);
  // Persons and companies are no duplicates of each other, and a model for one does not tell the other.
  const which = readable.has('IsPersonAccount') && objectName === 'Account' ? ' WHERE IsPersonAccount = false' : '';
  const soql = `SELECT Id, ${fields.map(({ path: field }) => field).join(', ')} FROM ${objectName}${which}`;
  const records = await client.count(`SELECT COUNT() FROM ${objectName}${which}`, signal);
  const path = join(folder, 'find.duckdb');
  await staging.create(alias, path, { columns: fields.length + 1, joinedRows: records }, signal);
  const table = tablesOf(alias).named('record');
  const columns = ['key', ...fields.map(({ kind }) => kind)].map(quoteName);
  try {
    await staging.run(`CREATE TABLE ${table} (${columns.map((name) => `${name} VARCHAR`).join(', ')})`, signal);
    const importPage = (file: string): Promise<void> =>
      // Columns come in the order of the SELECT (Bulk API 2.0 guide).
      staging.run(
        `INSERT INTO ${table} SELECT * FROM read_csv(${quoteText(file)}, columns = {${columns.map((name) => `'${name.slice(1, -1)}': 'VARCHAR'`).join(', ')}},
         auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
        signal,
      );
    await bulkQuery(client, clock, soql, folder, importPage, signal);
    const request = {
      alias,
      rows: { sql: table, key: 'key', columns: Object.fromEntries(fields.map(({ kind }) => [kind, kind])) },
      records: null,
      model: DEFAULT_MODELS[objectName],
    };
    const found = await findResembling(staging, request, signal, () => undefined);
    const clustered = await clusterRows(found, found.threshold);
    const rows = await staging.query(
      `SELECT cluster, string_agg(key, ' ' ORDER BY key) AS ids FROM ${clustered.table} GROUP BY cluster ORDER BY cluster`,
      [],
      signal,
    );
    return { groups: rows.map((row) => textOf(row, 'ids').split(' ')), badIds: 0, repeated: 0 };
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
