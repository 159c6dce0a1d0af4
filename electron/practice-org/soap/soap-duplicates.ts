import { ApiError } from '../http/api-error.ts';
import { element, elements, textAt, textsAt, type XmlElement } from '../http/xml.ts';
import type { Org } from '../org.ts';
import { parseText } from '../records/field-values.ts';
import { filledValues, idOf, type RecordTable, type StoredRecord } from '../records/record-store.ts';
import type { DuplicateResult } from '../records/save-error.ts';
import { ID } from '../schema/schema.ts';

/**
 * SOAP's `DuplicateRuleHeader` (SOAP API guide, "DuplicateRuleHeader"). `runAsCurrentUser` changes nothing here: the practice
 * org shares every record with everybody.
 */
export interface DuplicateHeader {
  readonly allowSave: boolean;
  readonly includeRecordDetails: boolean;
}

export function duplicateHeader(header: XmlElement): DuplicateHeader {
  const given = element(header, 'DuplicateRuleHeader') ?? {};
  return {
    allowSave: textAt(given, 'allowSave') === 'true',
    includeRecordDetails: textAt(given, 'includeRecordDetails') === 'true',
  };
}

/** A rule that found nothing is named without match results (SOAP API guide, "findDuplicates()"). */
export function duplicateResult(result: DuplicateResult, details: boolean): object {
  const { object } = result.table;
  const values = (record: StoredRecord): object => {
    const { Id: _id, ...filled } = filledValues(object, record);
    return Object.fromEntries(Object.entries(filled).map(([name, value]) => [`sf:${name}`, value]));
  };
  return {
    allowSave: result.allowSave,
    duplicateRule: result.rule,
    duplicateRuleEntityType: result.entityType,
    errorMessage: 'Use one of these records?',
    matchResults: result.matchResults.map(({ rule, engine, matches }) => ({
      entityType: result.entityType,
      matchEngine: engine,
      matchRecords: matches.map(({ record, confidence }) => ({
        matchConfidence: confidence.toFixed(1),
        record: {
          '@xsi:type': 'sf:sObject',
          'sf:type': result.entityType,
          'sf:Id': idOf(record),
          ...(details ? values(record) : {}),
        },
      })),
      rule,
      size: matches.length,
      success: true,
    })),
  };
}

/** Both calls take 50 records at most (SOAP API guide, "findDuplicates()", "findDuplicatesByIds()"). */
function refuseMany(count: number): void {
  if (count > 50)
    throw new ApiError(
      500,
      'LIMIT_EXCEEDED',
      'Configuration error: The number of records to check is greater than the permitted batch size.',
    );
}

function duplicatesOf(org: Org, table: RecordTable, record: StoredRecord, details: boolean): object {
  const results = org.data.duplicateRules.find(table, record, record[ID] === null ? 'insert' : 'update');
  if (results.length === 0)
    return {
      errors: [{ message: `no duplicate rules are active for ${table.object.name}`, statusCode: 'INVALID_TYPE' }],
      success: false,
    };
  return { duplicateResults: results.map((result) => duplicateResult(result, details)), success: true };
}

/** `findDuplicates()`: one result for each record given. Throws `ApiError` for more than 50. */
export function findDuplicates(
  org: Org,
  call: XmlElement,
  tableOf: (node: XmlElement) => RecordTable,
  header: DuplicateHeader,
): object[] {
  const nodes = elements(call, 'sObjects');
  refuseMany(nodes.length);
  return nodes.map((node) => {
    const table = tableOf(node);
    const record = org.data.rules(table).template.slice();
    for (const field of table.object.fields) {
      const text = textAt(node, field.name);
      if (text !== null && text !== '') record[field.slot] = parseText(field, text) ?? null;
    }
    return duplicatesOf(org, table, record, header.includeRecordDetails);
  });
}

/** `findDuplicatesByIds()`: the same for records that are there. */
export function findDuplicatesByIds(org: Org, call: XmlElement, header: DuplicateHeader): object[] {
  const ids = textsAt(call, 'ids');
  refuseMany(ids.length);
  return ids.map((id) => {
    const table = org.data.store.tableOfId(id);
    const record = org.data.store.record(id);
    if (!table || !record)
      return { errors: [{ message: `bad id ${id}`, statusCode: 'INVALID_ID_FIELD' }], success: false };
    return duplicatesOf(org, table, record, header.includeRecordDetails);
  });
}
