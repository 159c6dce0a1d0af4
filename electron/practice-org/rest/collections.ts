import { z } from 'zod';
import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import { deleteRecord } from '../records/delete-records.ts';
import { asRecordId } from '../records/record-ids.ts';
import type { RecordTable } from '../records/record-store.ts';
import { readJsonRecord } from '../records/read-values.ts';
import type { SaveResult } from '../records/save-error.ts';
import { attempt, existingById, saveRecord, upsertRecord, type SaveContext } from '../records/save-record.ts';
import type { Field } from '../schema/schema.ts';
import { bodyOf, resultItem, saveOptions, tableOf, type Call } from './call.ts';
import { fieldsNamed, recordBody } from './sobjects.ts';
import { plainText } from '../http/plain-text.ts';
import type { AssignedValues } from '../records/assigned-values.ts';

const MAX_RECORDS = 200;

const CollectionBody = z.object({
  allOrNone: z.boolean().default(false),
  records: z.array(z.record(z.string(), z.unknown())),
});

function typeOf(record: Record<string, unknown>): string {
  const attributes = record['attributes'];
  const type =
    typeof attributes === 'object' && attributes !== null && 'type' in attributes ? attributes.type : undefined;
  if (typeof type !== 'string')
    throw new ApiError(400, 'INVALID_TYPE', 'sObject type must be specified in the attributes of every record');
  return type;
}

function tooMany(count: number): void {
  if (count > MAX_RECORDS)
    throw new ApiError(
      400,
      'EXCEEDED_MAX_SIZE_REQUEST',
      `The maximum number of records is ${MAX_RECORDS}, the request has ${count}`,
    );
}

class RolledBack extends Error {
  readonly results: SaveResult[];
  constructor(results: SaveResult[]) {
    super('rolled back');
    this.results = results;
  }
}

/** Saves in order; with allOrNone one failure undoes the others (SOAP API guide, "AllOrNoneHeader"). */
export function saveAll(
  call: Call,
  allOrNone: boolean,
  saves: readonly ((context: SaveContext) => SaveResult)[],
): { results: SaveResult[]; rolledBack: boolean } {
  try {
    const results = call.org.saves(call.session, saveOptions(call), (context) => {
      const done = saves.map((save) => save(context));
      if (allOrNone && done.some((result) => !result.success)) throw new RolledBack(done);
      return done;
    });
    return { results, rolledBack: false };
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    const results = error.results.map((result): SaveResult =>
      result.success
        ? {
            success: false,
            id: null,
            created: result.created,
            errors: [
              {
                statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
                message:
                  'Record rolled back because not all records were valid and the request was using AllOrNone header',
                fields: [],
              },
            ],
          }
        : result,
    );
    return { results, rolledBack: true };
  }
}

interface Row {
  readonly table: RecordTable;
  readonly values: AssignedValues;
  readonly resolve: () => void;
  readonly id: string;
}

function rowsOf(call: Call, records: readonly Record<string, unknown>[], only: RecordTable | null): Row[] {
  return records.map((record) => {
    const table = only ?? tableOf(call, typeOf(record));
    const { Id, id, ...rest } = record;
    return { table, id: plainText(Id ?? id), ...readJsonRecord(call.org.data.store, table, rest) };
  });
}

/** `composite/sobjects` and under it (REST API Developer Guide, "sObject Collections"). */
export function collections(call: Call): Answer {
  const { method } = call.exchange;
  const [, , objectName, fieldName] = call.path;
  if (objectName === undefined) {
    if (method === 'POST' || method === 'PATCH') return saveCollection(call, method);
    if (method === 'DELETE') return deleteCollection(call);
    throw methodNotAllowed(method, 'POST,PATCH,DELETE');
  }
  const table = tableOf(call, objectName);
  if (fieldName !== undefined) {
    if (method !== 'PATCH') throw methodNotAllowed(method, 'PATCH');
    const field = table.field(fieldName);
    if (!field || !(field.idLookup || field.type === 'id')) throw notFound();
    return upsertCollection(call, table, field);
  }
  if (method === 'POST' || method === 'GET') return retrieve(call, table);
  throw methodNotAllowed(method, 'GET,POST');
}

function parsedBody(call: Call): z.infer<typeof CollectionBody> {
  const parsed = CollectionBody.safeParse(bodyOf(call));
  if (!parsed.success) throw new ApiError(400, 'JSON_PARSER_ERROR', z.prettifyError(parsed.error));
  tooMany(parsed.data.records.length);
  return parsed.data;
}

function saveCollection(call: Call, method: 'POST' | 'PATCH'): Answer {
  const { allOrNone, records } = parsedBody(call);
  const saves = rowsOf(call, records, null).map(
    (row) => (context: SaveContext) =>
      attempt(method === 'PATCH' ? row.id : null, () => {
        row.resolve();
        return saveRecord(context, row.table, row.values, method === 'PATCH' ? existingById(row.table, row.id) : null);
      }),
  );
  const { results } = saveAll(call, allOrNone, saves);
  return json(
    200,
    results.map((result) => resultItem(call, result, false)),
  );
}

function upsertCollection(call: Call, table: RecordTable, field: Field): Answer {
  const { allOrNone, records } = parsedBody(call);
  const seen = new Set<string>();
  const saves = rowsOf(call, records, table).map(
    (row) => (context: SaveContext) =>
      attempt(null, () => {
        row.resolve();
        const key = field.type === 'id' ? row.id : String(row.values.get(field) ?? '');
        return upsertRecord(context, table, field, key, row.values, seen);
      }),
  );
  const { results } = saveAll(call, allOrNone, saves);
  return json(
    200,
    results.map((result) => resultItem(call, result, true)),
  );
}

function deleteCollection(call: Call): Answer {
  const ids = (call.exchange.query.get('ids') ?? '').split(',').filter(Boolean);
  tooMany(ids.length);
  const saves = ids.map(
    (id) => (context: SaveContext) =>
      attempt(id, () => {
        const table = call.org.data.store.tableOfId(id);
        if (!table || asRecordId(id) === null)
          return {
            success: false,
            id,
            created: false,
            errors: [{ statusCode: 'MALFORMED_ID', message: `malformed id ${id}`, fields: [] }],
          };
        return deleteRecord(context, table, id);
      }),
  );
  const { results } = saveAll(call, call.exchange.query.get('allOrNone') === 'true', saves);
  return json(
    200,
    results.map((result) => resultItem(call, result, false)),
  );
}

const RetrieveBody = z.object({ ids: z.array(z.string()), fields: z.array(z.string()) });

/** Records in the order asked for, null where there is none. */
function retrieve(call: Call, table: RecordTable): Answer {
  const { query, method } = call.exchange;
  const parsed = RetrieveBody.safeParse(
    method === 'GET'
      ? {
          ids: (query.get('ids') ?? '').split(',').filter(Boolean),
          fields: (query.get('fields') ?? '').split(',').filter(Boolean),
        }
      : bodyOf(call),
  );
  if (!parsed.success) throw new ApiError(400, 'JSON_PARSER_ERROR', z.prettifyError(parsed.error));
  const { ids, fields } = parsed.data;
  if (ids.length > 2000) throw new ApiError(400, 'EXCEEDED_MAX_SIZE_REQUEST', 'The maximum number of ids is 2000');
  const columns = fieldsNamed(call, table, fields);
  return json(
    200,
    ids.map((id) => {
      const record = table.hidden.has(asRecordId(id) ?? '') ? null : table.records.get(asRecordId(id) ?? '');
      return record ? recordBody(call, table, record, columns) : null;
    }),
  );
}

const TreeBody = z.object({ records: z.array(z.record(z.string(), z.unknown())) });

/** `composite/tree/X`: parents with their children, up to 200 in all, saved all or none ("sObject Tree"). */
export function tree(call: Call): Answer {
  const [, , objectName = ''] = call.path;
  if (call.exchange.method !== 'POST') throw methodNotAllowed(call.exchange.method, 'POST');
  const root = tableOf(call, objectName);
  const parsed = TreeBody.safeParse(bodyOf(call));
  if (!parsed.success) throw new ApiError(400, 'JSON_PARSER_ERROR', z.prettifyError(parsed.error));
  interface Node {
    readonly table: RecordTable;
    readonly values: AssignedValues;
    readonly resolve: () => void;
    readonly referenceId: string;
    readonly parent: { readonly node: Node; readonly field: Field } | null;
    id: string | null;
  }
  const nodes: Node[] = [];
  const references = new Set<string>();
  const add = (record: Record<string, unknown>, table: RecordTable, parent: Node['parent'], depth: number): void => {
    const attributes = record['attributes'] as { referenceId?: unknown } | undefined;
    const referenceId = typeof attributes?.referenceId === 'string' ? attributes.referenceId : '';
    if (referenceId === '' || references.has(referenceId))
      throw new ApiError(
        400,
        'INVALID_INPUT',
        referenceId === ''
          ? 'Include a reference ID for each record in the request.'
          : `Duplicate ReferenceId provided in the request: ${referenceId}`,
      );
    if (depth > 5) throw new ApiError(400, 'INVALID_INPUT', 'The request has too many levels of related records.');
    references.add(referenceId);
    const own: Record<string, unknown> = {};
    const lists: [string, Record<string, unknown>[]][] = [];
    for (const [key, value] of Object.entries(record)) {
      const list = typeof value === 'object' && value !== null && 'records' in value ? value.records : undefined;
      if (Array.isArray(list)) lists.push([key, list as Record<string, unknown>[]]);
      else own[key] = value;
    }
    const node: Node = { table, referenceId, parent, id: null, ...readJsonRecord(call.org.data.store, table, own) };
    nodes.push(node);
    for (const [, list] of lists) {
      for (const child of list) {
        const childTable = tableOf(call, typeOf(child));
        const field = childTable.object.fields.find(
          (candidate) => candidate.referenceTo.includes(table.object.name) && candidate.createable,
        );
        if (!field)
          throw new ApiError(
            400,
            'INVALID_FIELD',
            `${childTable.object.name} has no relationship to ${table.object.name}`,
          );
        add(child, childTable, { node, field }, depth + 1);
      }
    }
  };
  for (const record of parsed.data.records) add(record, root, null, 1);
  if (nodes.length > MAX_RECORDS)
    throw new ApiError(400, 'INVALID_INPUT', `The request contains more than ${MAX_RECORDS} records`);
  const saves = nodes.map(
    (node) => (context: SaveContext) =>
      attempt(null, () => {
        node.resolve();
        if (node.parent?.node.id) node.values.set(node.parent.field, node.parent.node.id);
        const result = saveRecord(context, node.table, node.values, null);
        if (result.success) node.id = result.id;
        return result;
      }),
  );
  const { results, rolledBack } = saveAll(call, true, saves);
  if (!rolledBack)
    return json(201, { hasErrors: false, results: nodes.map(({ referenceId, id }) => ({ referenceId, id })) });
  const failed = results.flatMap((result, index) =>
    result.success || result.errors[0]?.statusCode === 'ALL_OR_NONE_OPERATION_ROLLED_BACK'
      ? []
      : [
          {
            referenceId: nodes[index]?.referenceId,
            errors: result.errors.map(({ statusCode, message, fields }) => ({ statusCode, message, fields })),
          },
        ],
  );
  return json(400, { hasErrors: true, results: failed });
}
