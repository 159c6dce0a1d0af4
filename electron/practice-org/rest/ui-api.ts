import { methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { RecordType } from '../records/org-data.ts';
import { matchEngineOf, type RulesFile } from '../schema/schema-file.ts';
import type { Field, SObject } from '../schema/schema.ts';
import { asRecordId } from '../records/record-ids.ts';
import { tableOf, type Call } from './call.ts';
import { fieldsNamed, recordBody } from './sobjects.ts';

/**
 * Picklists, record types and duplicate rules as the User Interface API tells of them (User Interface API Developer Guide,
 * "Object Info", "Duplicates Configuration").
 */
export function uiApi(call: Call): Answer {
  const { method } = call.exchange;
  const [, resource = '', objectName = '', part, recordTypeId = '', fieldName] = call.path;
  if (resource === 'records' && objectName === 'batch' && part !== undefined) return recordsBatch(call, part);
  if (!['object-info', 'duplicates'].includes(resource) || objectName === '') throw notFound();
  if (method !== 'GET') throw methodNotAllowed(method, 'GET');
  if (resource === 'duplicates')
    return json(200, duplicatesConfiguration(call.org.data.duplicateRules.file, tableOf(call, objectName).object));
  const { object } = tableOf(call, objectName);
  const types = call.org.data.recordTypes(object);
  if (part === undefined) return json(200, objectInfo(object, types));
  const type = types.find((one) => one.recordTypeId.startsWith(recordTypeId) && recordTypeId.length >= 15);
  if (part !== 'picklist-values' || !type) throw notFound();
  const url = `/services/data/v${call.version}/ui-api/object-info/${object.name}/picklist-values/${type.recordTypeId}`;
  const lists = object.fields.filter((field) => field.picklistValues.length > 0);
  const values = (field: Field) => picklistValues(object, field, type, `${url}/${field.name}`);
  if (fieldName !== undefined) {
    const field = lists.find(({ name }) => name.toLowerCase() === fieldName.toLowerCase());
    if (!field) throw notFound();
    return json(200, values(field));
  }
  return json(200, {
    eTag: type.recordTypeId,
    picklistFieldValues: Object.fromEntries(lists.map((field) => [field.name, values(field)])),
  });
}

/**
 * "Get a Batch of Records": each record by itself, 403 where the user may not see it, 404 where there is none or it was deleted ("Status
 * Codes and Error Responses").
 */
function recordsBatch(call: Call, list: string): Answer {
  if (call.exchange.method !== 'GET') throw methodNotAllowed(call.exchange.method, 'GET');
  const { data } = call.org;
  const fields = (call.exchange.query.get('fields') ?? '').split(',').filter(Boolean);
  const error = (statusCode: number, errorCode: string, message: string) => ({
    statusCode,
    result: [{ errorCode, message }],
  });
  const results = list.split(',').map((text) => {
    const id = asRecordId(text) ?? '';
    const table = data.store.tableOfId(id);
    if (table?.hidden.has(id))
      return error(
        403,
        'INSUFFICIENT_ACCESS',
        "You don't have access to this record. Ask your administrator for help or to request access.",
      );
    const record = table?.records.get(id);
    if (!table || !record)
      return table?.bin.has(id)
        ? error(404, 'ENTITY_IS_DELETED', 'entity is deleted')
        : error(404, 'NOT_FOUND', 'The requested resource does not exist');
    const names = fields.map((field) => field.split('.')[1] ?? '');
    const body = recordBody(call, table, record, fieldsNamed(call, table, names));
    const values = Object.entries(body).filter(([name]) => name !== 'attributes');
    return {
      statusCode: 200,
      result: {
        apiName: table.object.name,
        id,
        fields: Object.fromEntries(values.map(([name, value]) => [name, { displayValue: null, value }])),
      },
    };
  });
  return json(200, { hasErrors: results.some(({ statusCode }) => statusCode !== 200), results });
}

/** "Duplicates Configuration", "Duplicate Rule" and "Match Rule": the only place where an API tells what a rule does. */
function duplicatesConfiguration(file: RulesFile, object: SObject): object {
  const own = ({ object: name, active }: { object: string; active: boolean }): boolean =>
    active && name === object.name;
  const matching = file.matchingRules.filter(own);
  const rules = file.duplicateRules.filter(own);
  const fields = (rule: RulesFile['matchingRules'][number]): string[] => rule.items.map(({ field }) => field);
  return {
    apiName: object.name,
    dedupeEnabled: rules.length > 0,
    dedupeFields: [...new Set(matching.flatMap(fields))],
    duplicateRules: rules.map((rule) => ({
      actionOnInsert: rule.actionOnInsert,
      actionOnUpdate: rule.actionOnUpdate,
      active: rule.active,
      duplicateRuleFilters: [],
      matchRules: matching
        .filter(({ name }) => rule.matchingRules.includes(name))
        .map((one) => ({
          matchEngine: matchEngineOf(one),
          matchFields: fields(one),
          name: one.name,
          objectApiName: object.name,
        })),
      name: rule.name,
      operationsOnInsert: rule.operationsOnInsert,
      operationsOnUpdate: rule.operationsOnUpdate,
    })),
    predupeEnabled: matching.length > 0,
  };
}

function objectInfo(object: SObject, types: readonly RecordType[]): object {
  return {
    apiName: object.name,
    label: object.label,
    labelPlural: object.labelPlural,
    keyPrefix: object.keyPrefix,
    defaultRecordTypeId: types.find((type) => type.defaultRecordTypeMapping)?.recordTypeId ?? null,
    recordTypeInfos: Object.fromEntries(
      types.map((type) => [
        type.recordTypeId,
        {
          available: type.active,
          defaultRecordTypeMapping: type.defaultRecordTypeMapping,
          master: type.master,
          name: type.name,
          recordTypeId: type.recordTypeId,
        },
      ]),
    ),
  };
}

/** "Picklist Values": those of one record type, each with the places of the controlling values that allow it. */
function picklistValues(object: SObject, field: Field, type: RecordType, url: string): object {
  const allowed = type.picklists.get(field.name.toLowerCase());
  const controller = object.fields.find(({ name }) => name === field.controllerName);
  const controlling = controller ? controllingValues(controller) : [];
  const entry = ({ label, value, validFor }: Field['picklistValues'][number]) => ({
    attributes: null,
    label,
    validFor: validFor === null ? [] : controlling.flatMap((_one, place) => (isSet(validFor, place) ? [place] : [])),
    value,
  });
  const own = field.picklistValues.filter(({ active, value }) => active && (allowed?.has(value) ?? true));
  return {
    controllerValues: Object.fromEntries(controlling.map((value, place) => [value, place])),
    defaultValue: null,
    eTag: type.recordTypeId,
    url,
    values: own.map(entry),
  };
}

function controllingValues(controller: Field): string[] {
  return controller.type === 'boolean' ? ['false', 'true'] : controller.picklistValues.map(({ value }) => value);
}

/** Bit n of a base64 bitmap, the highest first (SOAP API guide, "validFor"). */
function isSet(bitmap: string, place: number): boolean {
  const byte = Buffer.from(bitmap, 'base64')[Math.floor(place / 8)] ?? 0;
  return (byte & (0x80 >> (place % 8))) !== 0;
}
