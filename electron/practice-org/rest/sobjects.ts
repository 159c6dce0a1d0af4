import { ApiError, methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import { deleteRecord } from '../records/delete-records.ts';
import { offsetDateTime } from '../records/field-values.ts';
import { asRecordId } from '../records/record-ids.ts';
import { idOf, type RecordTable, type StoredRecord } from '../records/record-store.ts';
import { readJsonRecord } from '../records/read-values.ts';
import { attempt, existingById, saveRecord, upsertRecord } from '../records/save-record.ts';
import type { SaveResult } from '../records/save-error.ts';
import { describe, objectSummary } from '../schema/describe.ts';
import { MODIFIED_DATE, MODSTAMP, type Field } from '../schema/schema.ts';
import { jsonValue } from '../soql/render.ts';
import { bodyOf, refusedAnswer, saveOptions, tableOf, type Call } from './call.ts';
import { plainText } from '../http/plain-text.ts';

/** Describes change with the process that read the schema, and when a field is removed. */
const STARTED = new Date(Math.floor(Date.now() / 1000) * 1000);
const describes = new WeakMap<object, Map<string, string>>();

function cached(call: Call, key: string, make: () => unknown): Answer {
  const since = Date.parse(String(call.exchange.headers['if-modified-since'] ?? ''));
  const headers = { 'Last-Modified': STARTED.toUTCString(), 'Content-Type': 'application/json;charset=UTF-8' };
  if (since >= STARTED.getTime() && call.org.data.schemaVersion === 0) return { status: 304, headers };
  let texts = describes.get(call.org.data);
  if (!texts) describes.set(call.org.data, (texts = new Map<string, string>()));
  const own = `${key} ${call.version} ${call.session.profile.name} ${call.org.data.schemaVersion}`;
  let text = texts.get(own);
  if (text === undefined) texts.set(own, (text = JSON.stringify(make())));
  return { status: 200, headers, body: text };
}

/** A record as `sobjects/X/Id` answers it: every field, or those asked for. */
export function recordBody(
  call: Call,
  table: RecordTable,
  record: StoredRecord,
  fields: readonly Field[],
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    attributes: {
      type: table.object.name,
      url: `/services/data/v${call.version}/sobjects/${table.object.name}/${idOf(record)}`,
    },
  };
  for (const field of fields) body[field.name] = jsonValue(field, call.org.data.read(table, record, field));
  return body;
}

export function fieldsNamed(call: Call, table: RecordTable, names: readonly string[] | null): Field[] {
  const readable = table.object.fields.filter((field) => call.session.profile.mayRead(table.object, field));
  if (names === null) return readable;
  return names.map((name) => {
    const field = table.field(name.trim());
    if (!field || !readable.includes(field))
      throw new ApiError(
        400,
        'INVALID_FIELD',
        `No such column '${name.trim()}' on sobject of type ${table.object.name}`,
      );
    return field;
  });
}

/** `sobjects` and everything under it. */
export function sobjects(call: Call): Answer {
  const [, name, part, value] = call.path;
  const { method } = call.exchange;
  const { data } = call.org;
  if (name === undefined) {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'HEAD,GET');
    return cached(call, '', () => ({
      encoding: 'UTF-8',
      maxBatchSize: 200,
      sobjects: [...data.schema.values()].map((object) => objectSummary(object, call.session.profile, call.version)),
    }));
  }
  const table = tableOf(call, name);
  if (part === undefined) {
    if (method === 'POST') return insert(call, table);
    if (method === 'GET' || method === 'HEAD')
      return json(200, {
        objectDescribe: objectSummary(table.object, call.session.profile, call.version),
        recentItems: [],
      });
    throw methodNotAllowed(method, 'HEAD,GET,POST');
  }
  switch (part.toLowerCase()) {
    case 'describe':
      if (value !== undefined) throw notFound();
      return cached(call, table.object.name, () =>
        describe(data.schema, table.object, call.session.profile, call.version, data.recordTypes(table.object)),
      );
    case 'updated':
      return updatedRecords(call, table);
    case 'deleted':
      return deletedRecords(call, table);
    default:
      break;
  }
  if (table.object.name === 'StreamingChannel' && value === 'push') return pushEvents(call, table, part);
  if (value !== undefined) return byExternalId(call, table, part, value);
  // `POST sobjects/X/Id` is an insert that spells out its key field.
  if (part.toLowerCase() === 'id' && method === 'POST') return insert(call, table);
  return byId(call, table, part);
}

function created(call: Call, result: SaveResult): Answer {
  if (!result.success) return refusedAnswer(call, result.errors);
  return json(201, { id: result.id, success: true, errors: [] });
}

function insert(call: Call, table: RecordTable): Answer {
  const { values, resolve } = readJsonRecord(call.org.data.store, table, bodyOf(call));
  const idField = table.field('Id');
  if (idField && values.has(idField))
    throw new ApiError(400, 'INVALID_FIELD', 'cannot specify Id in an insert call', { fields: ['Id'] });
  const result = call.org.saves(call.session, saveOptions(call), (context) =>
    attempt(null, () => {
      resolve();
      return saveRecord(context, table, values, null);
    }),
  );
  return created(call, result);
}

function missing(table: RecordTable, id: string | null): ApiError {
  return id !== null && table.bin.has(id)
    ? new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted', { fields: [] })
    : new ApiError(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible: ' + (id ?? ''));
}

function byId(call: Call, table: RecordTable, text: string): Answer {
  const { method } = call.exchange;
  const id = asRecordId(text);
  const record = id === null || table.hidden.has(id) ? undefined : table.records.get(id);
  if (!record) {
    if (id !== null && id.startsWith(table.object.keyPrefix)) {
      if (table.bin.has(id)) throw missing(table, id);
      throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    }
    throw new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${text}`);
  }
  switch (method) {
    case 'GET':
    case 'HEAD':
      return json(200, recordBody(call, table, record, fieldsNamed(call, table, namesIn(call))));
    case 'PATCH': {
      if (isModifiedSince(call, record)) return { status: 412 };
      const { values, resolve } = readJsonRecord(call.org.data.store, table, bodyOf(call));
      const result = call.org.saves(call.session, saveOptions(call), (context) =>
        attempt(id, () => {
          resolve();
          return saveRecord(context, table, values, existingById(table, text));
        }),
      );
      return result.success ? { status: 204 } : refusedAnswer(call, result.errors);
    }
    case 'DELETE': {
      const result = call.org.saves(call.session, saveOptions(call), (context) =>
        attempt(id, () => deleteRecord(context, table, text)),
      );
      return result.success ? { status: 204 } : refusedAnswer(call, result.errors);
    }
    default:
      throw methodNotAllowed(method, 'GET,HEAD,PATCH,DELETE');
  }
}

/**
 * Whether a record was changed after the time that the caller names, to the second: "compare the precondition to the last modified date of
 * the record"; "When you include an invalid header value [...] on a PATCH or POST request, a 400 Bad Request status code is returned" (REST API
 * Developer Guide, "Conditional Request Headers").
 */
function isModifiedSince(call: Call, record: StoredRecord): boolean {
  const header = call.exchange.headers['if-unmodified-since'];
  if (header === undefined) return false;
  const since = Date.parse(String(header));
  if (Number.isNaN(since)) throw new ApiError(400, 'INVALID_HEADER', 'The If-Unmodified-Since header is no date');
  return Math.floor(Date.parse(plainText(record[MODIFIED_DATE])) / 1000) * 1000 > since;
}

function namesIn(call: Call): string[] | null {
  const names = call.exchange.query.get('fields');
  return names === null || names === '' ? null : names.split(',');
}

function byExternalId(call: Call, table: RecordTable, fieldName: string, value: string): Answer {
  const { method } = call.exchange;
  const field = table.field(fieldName);
  if (!field || !(field.idLookup || field.type === 'id'))
    throw new ApiError(
      404,
      'NOT_FOUND',
      `Provided external ID field does not exist or is not accessible: ${fieldName}`,
    );
  const found = table.find(field, value);
  if (found.length > 1) {
    return json(
      300,
      found.map((record) => `/services/data/v${call.version}/sobjects/${table.object.name}/${idOf(record)}`),
    );
  }
  const [record] = found;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (!record) throw notFound();
      return json(200, recordBody(call, table, record, fieldsNamed(call, table, namesIn(call))));
    case 'DELETE': {
      if (!record) throw notFound();
      const result = call.org.saves(call.session, saveOptions(call), (context) =>
        attempt(idOf(record), () => deleteRecord(context, table, idOf(record))),
      );
      return result.success ? { status: 204 } : refusedAnswer(call, result.errors);
    }
    case 'PATCH': {
      const body = bodyOf(call);
      if (Object.keys(body).some((key) => key.toLowerCase() === field.name.toLowerCase()))
        throw new ApiError(
          400,
          'INVALID_FIELD',
          `The ${field.name} field should not be specified in the sobject data.`,
          {
            fields: [field.name],
          },
        );
      if (!record && call.exchange.query.get('updateOnly') === 'true') throw notFound();
      const { values, resolve } = readJsonRecord(call.org.data.store, table, body);
      if (field.type !== 'id') values.set(field, value);
      const result = call.org.saves(call.session, saveOptions(call), (context) =>
        attempt(null, () => {
          resolve();
          return upsertRecord(context, table, field, value, values, new Set());
        }),
      );
      if (!result.success) return refusedAnswer(call, result.errors);
      if (result.created) return json(201, { id: result.id, success: true, errors: [], created: true });
      return Number(call.version) >= 46
        ? json(200, { id: result.id, success: true, errors: [], created: false })
        : { status: 204 };
    }
    default:
      throw methodNotAllowed(method, 'GET,HEAD,PATCH,DELETE');
  }
}

function span(call: Call): { start: number; end: number } {
  const start = Date.parse(call.exchange.query.get('start') ?? '');
  const end = Date.parse(call.exchange.query.get('end') ?? '');
  if (Number.isNaN(start) || Number.isNaN(end))
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'start and end must be dates');
  if (end <= start)
    throw new ApiError(
      400,
      'INVALID_REPLICATION_DATE',
      'endDate must be greater than startDate by at least one minute',
    );
  return { start, end };
}

/** Get Updated (REST API Developer Guide): whole seconds, as SystemModstamp has them. */
function updatedRecords(call: Call, table: RecordTable): Answer {
  const { start, end } = span(call);
  const ids: string[] = [];
  for (const record of table.records.values()) {
    const at = Date.parse(String(record[MODSTAMP]));
    if (at >= start && at < end) ids.push(idOf(record));
  }
  return json(200, { ids, latestDateCovered: offsetDateTime(end - call.org.knobs.latestDateCovered) });
}

function deletedRecords(call: Call, table: RecordTable): Answer {
  const { start, end } = span(call);
  // "If the purge has been performed before your getDeleted() call is executed, an INVALID_REPLICATION_DATE error is returned" (SOAP API guide).
  if (call.org.knobs.deleteLogPurge)
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'startDate cannot be before the last purge of the delete log');
  const deleted = [...table.bin].map(([id, { deletedAt }]): [string, number] => [id, deletedAt]);
  const deletedRecords = [...deleted, ...table.purged]
    .filter(([, deletedAt]) => deletedAt >= start && deletedAt < end)
    .map(([id, deletedAt]) => ({ id, deletedDate: offsetDateTime(deletedAt) }));
  return json(200, {
    deletedRecords,
    earliestDateAvailable: offsetDateTime(start - 86_400_000 * 15),
    latestDateCovered: offsetDateTime(end - call.org.knobs.latestDateCovered),
  });
}

/** Generic streaming's push resource. */
function pushEvents(call: Call, table: RecordTable, id: string): Answer {
  const record = table.records.get(asRecordId(id) ?? '');
  const name = table.field('Name');
  if (!record || !name) throw notFound();
  const { pushEvents: events } = bodyOf(call);
  if (!Array.isArray(events)) throw new ApiError(400, 'JSON_PARSER_ERROR', 'pushEvents is required');
  return json(
    200,
    events.map((event: { payload?: unknown }) => {
      call.org.events.push(String(record[name.slot]), plainText(event.payload));
      return { fanoutCount: -1, userOnlineStatus: {} };
    }),
  );
}
