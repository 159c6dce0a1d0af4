import {
  mappedColumns,
  type ColumnMapping,
  type FieldMapping,
  type MappingReason,
  type MappingTarget,
  type Operation,
} from '../../../shared/domain/field-mapping.ts';
import {
  isMatchField,
  isRequiredOnCreate,
  type FieldDescribe,
  type SObjectDescribe,
} from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import { SYNONYMS } from './synonyms.ts';

/** Columns that result files put before the data: they come back when an error file is dropped in again. */
const RESULT_COLUMNS = new Set(['sf__id', 'sf__error', 'sf__created']);

/** Letters and digits only, in lower case, accents off: what is left when people's punctuation is taken away. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/__[cr]\b/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

interface Found {
  readonly target: MappingTarget;
  readonly reason: MappingReason;
}

function isLoadable(field: FieldDescribe, operation: Operation): boolean {
  if (field.type === 'id') return operation !== 'insert';
  if (field.type === 'address' || field.type === 'location' || field.type === 'base64') return false;
  if (operation === 'delete') return false;
  return operation === 'insert'
    ? field.createable
    : operation === 'update'
      ? field.updateable
      : field.createable || field.updateable;
}

/** `Account.ERP_Id__c`, `Account: ERP Id`, `Account__r.ERP_Id__c`, `Owner:User.Username`: a lookup by the parent's external id. */
function findLookup(
  name: string,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
): MappingTarget | null {
  const match = /^\s*([\w ]+?)\s*[.:/]\s*(?:(\w+)\.)?([\w -]+?)\s*$/.exec(name);
  if (!match) return null;
  const relationship = fold(match[1] ?? '');
  const field = describe.fields.find(
    (candidate) =>
      candidate.type === 'reference' &&
      candidate.relationshipName &&
      (fold(candidate.relationshipName) === relationship || fold(candidate.label) === relationship),
  );
  const relationshipName = field?.relationshipName;
  if (!field || !relationshipName) return null;
  const wanted = fold(match[3] ?? '');
  const found = (match[2] ? [match[2]] : field.referenceTo).flatMap((parentObject) => {
    const parentField = parents
      .get(parentObject.toLowerCase())
      ?.fields.find(
        (candidate) =>
          isMatchField(candidate) &&
          candidate.type !== 'id' &&
          (fold(candidate.name) === wanted || fold(candidate.label) === wanted),
      );
    return parentField ? [{ parentObject, parentField: parentField.name }] : [];
  });
  // A lookup that could mean two objects (M12) is left to be named by hand: `Owner:User.Username`.
  const [only] = found;
  if (!only || found.length > 1) return null;
  return { kind: 'lookup', field: field.name, relationshipName, ...only, polymorphic: field.referenceTo.length > 1 };
}

/** A column of nothing but ids of this object is its Id, whatever it is called. */
function holdsOwnIds(examples: readonly string[], describe: SObjectDescribe): boolean {
  return (
    examples.length > 0 &&
    examples.every((example) => {
      const normalised = normaliseRecordId(example.trim());
      return 'id' in normalised && normalised.id.startsWith(describe.keyPrefix ?? '\0');
    })
  );
}

function findTarget(
  name: string,
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  operation: Operation,
  examples: readonly string[],
): Found {
  const ignored = (reason: MappingReason): Found => ({ target: { kind: 'ignored' }, reason });
  if (RESULT_COLUMNS.has(name.toLowerCase())) return ignored('result-column');
  const folded = fold(name);
  if (folded === '') return ignored('no-match');
  const loadable = describe.fields.filter((field) => isLoadable(field, operation));
  const to = (field: FieldDescribe, reason: MappingReason): Found => ({
    target: { kind: 'field', field: field.name },
    reason,
  });

  const exact = loadable.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (exact) return to(exact, 'name');
  const lookup = operation === 'delete' ? null : findLookup(name, describe, parents);
  if (lookup) return { target: lookup, reason: 'relationship' };
  const byLabel =
    loadable.find((field) => fold(field.label) === folded) ?? loadable.find((field) => fold(field.name) === folded);
  if (byLabel) return to(byLabel, 'label');
  // "Account Name" and "Name" both mean the object's Name; labels often repeat the object's own.
  const bare = loadable.find((field) => fold(field.label) === fold(describe.label) + folded);
  if (bare) return to(bare, 'label');
  const synonym = (Object.hasOwn(SYNONYMS, folded) ? (SYNONYMS[folded] ?? []) : [])
    .map((api) => loadable.find((field) => field.name === api))
    .find((field) => field !== undefined);
  if (synonym) return to(synonym, 'synonym');
  const idField = describe.fields.find((field) => field.type === 'id');
  if (idField && isLoadable(idField, operation) && holdsOwnIds(examples, describe)) return to(idField, 'content');
  const readOnly = describe.fields.find((field) => fold(field.label) === folded || fold(field.name) === folded);
  return ignored(readOnly ? 'read-only' : 'no-match');
}

/** One target a field: of two columns that would fill the same field the better-founded one keeps it. */
const STRENGTH: MappingReason[] = ['saved', 'chosen', 'name', 'relationship', 'label', 'synonym', 'content'];

/** Suggests a target for every column, with the reason. Columns that share a header are left to choose by hand (F19). */
export function suggestMapping(
  describe: SObjectDescribe,
  parents: ReadonlyMap<string, SObjectDescribe>,
  columns: readonly SourceColumn[],
  /** A few values a column, by column index; only a column of ids is recognised by them. */
  examples: readonly (readonly string[])[],
  operation: Operation,
): FieldMapping {
  const names = columns.map((column) => column.name.toLowerCase());
  const found = columns.map((column, index): Found => {
    if (column.name !== '' && names.indexOf(names[index] ?? '') !== names.lastIndexOf(names[index] ?? '')) {
      return { target: { kind: 'ignored' }, reason: 'repeated-header' };
    }
    return findTarget(column.name, describe, parents, operation, examples[column.index] ?? []);
  });
  const taken = new Map<string, number>();
  found.forEach(({ target, reason }, index) => {
    if (target.kind === 'ignored') return;
    const holder = taken.get(target.field);
    const stronger =
      holder === undefined || STRENGTH.indexOf(reason) < STRENGTH.indexOf(found[holder]?.reason ?? 'no-match');
    const loser = stronger ? holder : index;
    if (stronger) taken.set(target.field, index);
    if (loser !== undefined) found[loser] = { target: { kind: 'ignored' }, reason: 'no-match' };
  });
  return {
    objectName: describe.name,
    operation,
    matchField: suggestMatchField(describe, operation, [...taken.keys()]),
    columns: columns.map((column, index): ColumnMapping => {
      const { target, reason } = found[index] ?? { target: { kind: 'ignored' }, reason: 'no-match' };
      return { column: column.index, target, reason, format: {}, replacements: {} };
    }),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

/** Update and delete match by Id; upsert by the external id that the file has, unique ones first. */
export function suggestMatchField(
  describe: SObjectDescribe,
  operation: Operation,
  mapped: readonly string[],
): string | null {
  if (operation === 'insert') return null;
  if (operation !== 'upsert') return 'Id';
  const candidates = describe.fields.filter(isMatchField).sort((a, b) => rank(a) - rank(b));
  return (
    (
      candidates.find((field) => mapped.includes(field.name)) ??
      candidates.find((field) => field.externalId) ??
      candidates[0]
    )?.name ?? null
  );
}

function rank(field: FieldDescribe): number {
  if (field.externalId) return field.unique ? 0 : 1;
  return field.type === 'id' ? 2 : 3;
}

/** How well an object fits a file: the share of columns that find a field, weighted by how surely, and how many do. */
export function fitOf(
  describe: SObjectDescribe,
  columns: readonly SourceColumn[],
  fileName: string,
): { fit: number; matched: number } {
  const mapping = suggestMapping(describe, new Map(), columns, [], 'upsert');
  const points = mapping.columns.reduce((sum, { target, reason }) => {
    if (target.kind === 'ignored') return sum;
    return sum + (reason === 'name' ? 3 : reason === 'label' ? 2.5 : 1);
  }, 0);
  const named = fold(fileName).includes(fold(describe.labelPlural)) || fold(fileName).includes(fold(describe.label));
  const mapped = mappedColumns(mapping);
  const missing = describe.fields
    .filter(isRequiredOnCreate)
    .filter((field) => !mapped.some(({ target }) => target.field === field.name)).length;
  return { fit: points / Math.max(1, columns.length) + (named ? 1.5 : 0) - missing * 0.4, matched: mapped.length };
}
