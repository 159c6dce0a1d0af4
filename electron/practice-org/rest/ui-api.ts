import { methodNotAllowed, notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/exchange.ts';
import type { RecordType } from '../records/org-data.ts';
import { matchEngineOf, type RulesFile } from '../schema/schema-file.ts';
import type { Field, SObject } from '../schema/schema.ts';
import { tableOf, type Call } from './call.ts';

/**
 * Picklists, record types and duplicate rules as the User Interface API tells of them (User Interface API Developer Guide,
 * "Object Info", "Duplicates Configuration").
 */
export function uiApi(call: Call): Answer {
  const { method } = call.exchange;
  const [, resource = '', objectName = '', part, recordTypeId = '', fieldName] = call.path;
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
