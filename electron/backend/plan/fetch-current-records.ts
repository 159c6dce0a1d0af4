import { bulkHeader, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { quoteText } from '../tables/quote.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { bulkQuery } from '../query/bulk-query.ts';

/** Up to this many keys a few REST queries answer sooner than a query job starts. */
const FEW_KEYS = 600;
/** REST takes a URI of 16,384 bytes; percent-encoding can triple a quoted key. */
const REST_KEYS_BYTES = 3500;
/** SOQL may have 100,000 characters (SOQL and SOSL Reference, "SOQL SELECT Syntax"). */
const BULK_KEYS_CHARACTERS = 80_000;
/** Reading a whole object beats asking for keys until it holds this many times the keys wanted. */
const WHOLE_OBJECT_FACTOR = 10;
const WHOLE_OBJECT_RECORDS = 200_000;
/** Keys read from the staging store at a time. */
const KEY_PAGE = 20_000;

export interface FetchRequest {
  /** Table to make, and its database. */
  readonly alias: string;
  readonly table: string;
  readonly folder: string;
  readonly objectName: string;
  readonly keyField: FieldDescribe;
  /** SQL giving the distinct, non-blank canonical keys as column `k`. */
  readonly keysSql: string;
  readonly columns: { readonly name: string; readonly soql: string; readonly field: FieldDescribe }[];
}

export interface FetchTools {
  readonly client: OrgClient;
  readonly staging: StagingClient;
  readonly clock: Clock;
}

/** SOQL for a mapped column's current value; a lookup by external id is read through its relationship. */
export function soqlOf(target: MappedColumn['target']): string {
  return target.kind === 'field' ? target.field : bulkHeader({ ...target, polymorphic: false });
}

function soqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function literal(key: string, field: FieldDescribe): string {
  const bare = ['int', 'long', 'double', 'currency', 'percent', 'date', 'datetime', 'boolean'].includes(field.type);
  return bare ? key : soqlText(key);
}

/**
 * Leaves in `alias.table(k, id, …columns)` the records whose key field has one of the keys: only the key and the mapped
 * fields, all values in canonical form, one row a record (so two records of one key are two rows).
 */
export async function fetchCurrentRecords(
  tools: FetchTools,
  request: FetchRequest,
  signal: AbortSignal,
  progress: (records: number) => void,
): Promise<void> {
  const { staging, client } = tools;
  const { alias, table, keyField, columns } = request;
  const names = ['k', 'id', ...columns.map(({ name }) => name)];
  await staging.run(`CREATE OR REPLACE TABLE ${alias}.${table} (${names.map((name) => `${name} VARCHAR`).join(', ')})`);
  const [counted] = await staging.query(`SELECT count(*) AS n FROM (${request.keysSql})`);
  const keys = Number(counted?.['n'] ?? 0);
  if (keys === 0) return;
  const select = `SELECT ${[keyField.name, 'Id', ...columns.map(({ soql }) => soql)].join(', ')} FROM ${request.objectName}`;

  if (keys <= FEW_KEYS) {
    for await (const list of keyLists(staging, request, REST_KEYS_BYTES)) {
      const records = await client.query(`${select} WHERE ${keyField.name} IN (${list})`, signal);
      const paths = [keyField.name, 'Id', ...columns.map(({ soql }) => soql)];
      await staging.append(
        alias,
        table,
        records.map((record) => paths.map((path) => textAt(record, path))),
      );
      progress(records.length);
    }
  } else {
    const importPage = async (file: string, records: number) => {
      await staging.run(
        `INSERT INTO ${alias}.${table} SELECT ${names.map((name) => `coalesce(${name}, '')`).join(', ')} FROM read_csv(${quoteText(file)},
         columns = {${names.map((name) => `'${name}': 'VARCHAR'`).join(', ')}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
         new_line = '\\n', buffer_size = 8388608, max_line_size = 2097152)`,
      );
      progress(records);
    };
    const query = (soql: string) => bulkQuery(client, tools.clock, soql, request.folder, importPage, signal);
    const inOrg = await client.count(`SELECT COUNT() FROM ${request.objectName}`, signal);
    if (inOrg <= Math.max(WHOLE_OBJECT_RECORDS, keys * WHOLE_OBJECT_FACTOR)) {
      await query(keyField.type === 'id' ? select : `${select} WHERE ${keyField.name} != null`);
    } else {
      for await (const list of keyLists(staging, request, BULK_KEYS_CHARACTERS))
        await query(`${select} WHERE ${keyField.name} IN (${list})`);
    }
  }
  await staging.canonicalise(
    `${alias}.${table}`,
    [
      { name: 'k', field: keyField },
      { name: 'id', field: { ...keyField, type: 'id' } },
      ...columns.map(({ name, field }) => ({ name, field })),
    ],
    signal,
  );
}

/** The keys as lists for `IN (…)`, each under a size, one at a time. */
async function* keyLists(staging: StagingClient, request: FetchRequest, size: number): AsyncGenerator<string> {
  let list: string[] = [];
  let length = 0;
  for (let offset = 0; ; offset += KEY_PAGE) {
    const page = await staging.query(
      `SELECT k FROM (${request.keysSql}) ORDER BY k LIMIT ${KEY_PAGE} OFFSET ${offset}`,
    );
    for (const { k } of page) {
      const text = literal(String(k), request.keyField);
      if (length + text.length > size && list.length > 0) {
        yield list.join(',');
        list = [];
        length = 0;
      }
      list.push(text);
      length += text.length + 1;
    }
    if (page.length < KEY_PAGE) break;
  }
  if (list.length > 0) yield list.join(',');
}

/** A value of a REST record by its SOQL path, as text; null along the way is blank. */
function textAt(record: Record<string, unknown>, path: string): string {
  let value: unknown = record;
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
