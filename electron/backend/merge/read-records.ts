import { z } from 'zod';
import { MergeCell } from '../../../shared/domain/merge.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { FactRecord, MergeFieldInfo } from './group-facts.ts';

/** A URI has 16,384 bytes at most: of ids with their encoded quotes, and of field names, so many go into one query. */
const IDS_A_QUERY = 200;
const FIELDS_BYTES = 6000;

const Page = z.object({ done: z.boolean(), records: z.array(z.record(z.string(), z.unknown())) });

/** What is left of a record that was merged or deleted, or that is still there. */
export interface RecordState {
  readonly deleted: boolean;
  /** The record it was merged into; null for one that was not. */
  readonly masterId: string | null;
}

export function idList(ids: readonly string[]): string {
  return ids.map((id) => `'${id}'`).join(',');
}

export function* chunksOf<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** The texts of a record by field; what is no scalar is left out. */
function cellsOf(record: Record<string, unknown>): Record<string, MergeCell> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => {
      const cell = MergeCell.safeParse(value);
      return cell.success ? [[name, cell.data] as const] : [];
    }),
  );
}

function* fieldLists(names: readonly string[]): Generator<string[]> {
  let list: string[] = [];
  let bytes = 0;
  for (const name of names) {
    if (bytes + name.length > FIELDS_BYTES) {
      yield list;
      [list, bytes] = [[], 0];
    }
    list.push(name);
    bytes += name.length + 3;
  }
  if (list.length > 0) yield list;
}

/** Reads fields of living records, by id. */
export async function readCells(
  client: Pick<OrgClient, 'query'>,
  objectName: string,
  fields: readonly string[],
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Record<string, MergeCell>>> {
  const found = new Map<string, Record<string, MergeCell>>();
  const names = fields.filter((name) => name !== 'Id');
  for (const some of chunksOf(ids, IDS_A_QUERY))
    for (const list of fieldLists(names)) {
      const soql = `SELECT ${['Id', ...list].join(',')} FROM ${objectName} WHERE Id IN (${idList(some)})`;
      for (const record of await client.query(soql, signal)) {
        const id = String(record['Id']);
        found.set(id, { ...found.get(id), ...cellsOf(record) });
      }
    }
  return found;
}

/** Whole living records with what a plan goes by. */
export async function readRecords(
  client: Pick<OrgClient, 'query'>,
  objectName: string,
  fields: readonly MergeFieldInfo[],
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Omit<FactRecord, 'children'>>> {
  const system = ['CreatedDate', 'LastModifiedDate', 'SystemModstamp'];
  const names = [...new Set([...fields.map(({ name }) => name), ...system])];
  const cells = await readCells(client, objectName, names, ids, signal);
  return new Map(
    [...cells].map(([id, values]) => {
      const [createdAt = '', modifiedAt = '', stamp = ''] = system.map((name) => String(values[name] ?? ''));
      return [id, { id, createdAt, modifiedAt, stamp, values }];
    }),
  );
}

/** Whether records are there, deleted or merged: deleted ones too. An id that is gone for good, or was never there, is missing. */
export async function readStates(
  client: Pick<OrgClient, 'get'>,
  objectName: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, RecordState>> {
  const states = new Map<string, RecordState>();
  for (const some of chunksOf(ids, IDS_A_QUERY)) {
    const soql = `SELECT Id,IsDeleted,MasterRecordId FROM ${objectName} WHERE Id IN (${idList(some)})`;
    const { records } = await client.get(`queryAll?q=${encodeURIComponent(soql)}`, Page, signal);
    for (const { Id, IsDeleted, MasterRecordId } of records)
      states.set(String(Id), {
        deleted: IsDeleted === true,
        masterId: typeof MasterRecordId === 'string' ? MasterRecordId : null,
      });
  }
  return states;
}

/** What one lookup of records says, by id; with `deleted` also of those in the recycle bin. */
export async function readLookup(
  client: Pick<OrgClient, 'query' | 'get'>,
  { objectName, field }: { readonly objectName: string; readonly field: string },
  ids: readonly string[],
  deleted: boolean,
  signal: AbortSignal,
): Promise<Map<string, MergeCell>> {
  const found = new Map<string, MergeCell>();
  for (const some of chunksOf(ids, IDS_A_QUERY)) {
    const soql = `SELECT Id,${field} FROM ${objectName} WHERE Id IN (${idList(some)})`;
    const records = deleted
      ? (await client.get(`queryAll?q=${encodeURIComponent(soql)}`, Page, signal)).records
      : await client.query(soql, signal);
    for (const record of records) found.set(String(record['Id']), MergeCell.catch(null).parse(record[field]));
  }
  return found;
}
