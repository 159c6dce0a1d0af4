import { assignmentHeader } from '../records/assignment-rules.ts';
import { ApiError } from '../http/api-error.ts';
import { json, type Answer, type Exchange } from '../http/exchange.ts';
import type { Org } from '../org.ts';
import type { Session } from '../records/org-data.ts';
import { filledValues, idOf, type RecordTable } from '../records/record-store.ts';
import type { DuplicateResult, SaveError, SaveResult } from '../records/save-error.ts';
import type { SaveOptions } from '../org.ts';

/** One REST request with who asks and in which version. */
export interface Call {
  readonly org: Org;
  readonly exchange: Exchange;
  /** `66.0`. */
  readonly version: string;
  /** What follows the version in the path, decoded. */
  readonly path: readonly string[];
  readonly session: Session;
}

export function bodyOf(call: Call): Record<string, unknown> {
  const text = call.exchange.body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch (error) {
    const offset = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '0';
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      `Unexpected character ('${text.charAt(Number(offset))}' (code ${text.charCodeAt(Number(offset)) || 0})): expected a valid value at [line:1, column:${Number(offset) + 1}]`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'The HTTP entity body is required to be a JSON object.');
  return value as Record<string, unknown>;
}

export function tableOf(call: Call, name: string): RecordTable {
  const table = call.org.data.store.table(name);
  if (!table) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  return table;
}

export function saveOptions(call: Call): SaveOptions {
  const header = String(call.exchange.headers['sforce-duplicate-rule-header'] ?? '');
  const client = /client=(\w+)/.exec(String(call.exchange.headers['sforce-call-options'] ?? ''))?.[1];
  return {
    origin: `com/salesforce/api/rest/${call.version}${client === undefined ? '' : `;client=${client}`}`,
    allowDuplicates: /allowSave\s*=\s*true/i.test(header),
    assignment: assignmentHeader(String(call.exchange.headers['sforce-auto-assign'] ?? '')),
  };
}

/** DuplicateResult as REST spells it: the key with its missing letter is real. */
function duplicateBody(call: Call, result: DuplicateResult): Record<string, unknown> {
  const details = /includeRecordDetails\s*=\s*true/i.test(
    String(call.exchange.headers['sforce-duplicate-rule-header'] ?? ''),
  );
  const { object } = result.table;
  return {
    allowSave: result.allowSave,
    duplicateRule: result.rule,
    duplicateRuleEntityType: result.entityType,
    errorMessage: 'Use one of these records?',
    matchResults: result.matchResults.map(({ rule, engine, matches }) => ({
      entityType: result.entityType,
      errors: [],
      matchEngine: engine,
      matchRecords: matches.map(({ record, confidence }) => ({
        additionalInformation: [],
        fieldDiffs: [],
        matchConfidence: confidence,
        record: {
          attributes: {
            type: object.name,
            url: `/services/data/v${call.version}/sobjects/${object.name}/${idOf(record)}`,
          },
          Id: idOf(record),
          ...(details ? filledValues(object, record) : {}),
        },
      })),
      rule,
      size: matches.length,
      success: true,
    })),
  };
}

/** A refused save as the answer to a request for one record. */
export function refusedAnswer(call: Call, errors: readonly SaveError[]): Answer {
  const status = errors[0]?.statusCode === 'ENTITY_IS_DELETED' ? 404 : 400;
  return json(
    status,
    errors.map((error) =>
      error.duplicates
        ? { duplicateResut: duplicateBody(call, error.duplicates), errorCode: error.statusCode, message: error.message }
        : { message: error.message, errorCode: error.statusCode, fields: error.fields },
    ),
  );
}

/** An item of a collection's answer: `statusCode` here, `errorCode` elsewhere. */
export function resultItem(call: Call, result: SaveResult, withCreated: boolean): Record<string, unknown> {
  if (result.success)
    return { id: result.id, success: true, errors: [], ...(withCreated ? { created: result.created } : {}) };
  return {
    ...(result.id === null ? {} : { id: result.id }),
    success: false,
    errors: result.errors.map((error) => ({
      statusCode: error.statusCode,
      message: error.message,
      fields: error.fields,
      ...(error.duplicates ? { duplicateResult: duplicateBody(call, error.duplicates) } : {}),
    })),
    ...(withCreated ? { created: result.created } : {}),
  };
}
