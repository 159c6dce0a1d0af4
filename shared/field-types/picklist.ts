import type { FieldDescribe, PicklistEntry } from '../domain/sobject.ts';
import { canonicalText } from '../match/canonical-text.ts';
import { trimEdges } from '../match/white-space.ts';
import { issue, value, type FieldType, type ParsedValue } from './field-type.ts';

interface Lookup {
  readonly exact: Set<string>;
  readonly folded: Map<string, string>;
  readonly offered: string[];
}

const lookups = new WeakMap<readonly PicklistEntry[], Lookup>();

function fold(text: string): string {
  return trimEdges(text).replace(/\s+/g, ' ').toLowerCase();
}

/** Active values by spelling and by label; built once a field, because a column may have a million cells. */
function lookupOf(field: FieldDescribe): Lookup {
  let lookup = lookups.get(field.picklistValues);
  if (!lookup) {
    const active = field.picklistValues.filter((entry) => entry.active);
    const folded = new Map<string, string>();
    for (const entry of active) if (entry.label) folded.set(fold(entry.label), entry.value);
    for (const entry of active) folded.set(fold(entry.value), entry.value);
    lookup = { exact: new Set(active.map((e) => e.value)), folded, offered: active.map((e) => e.value) };
    lookups.set(field.picklistValues, lookup);
  }
  return lookup;
}

function spelling(text: string, field: FieldDescribe): string | undefined {
  const lookup = lookupOf(field);
  return lookup.exact.has(text) ? text : lookup.folded.get(fold(text));
}

/** picklist: an active API value; its label or another case is respelt; unknown is an issue where the field is restricted. */
export const picklistType: FieldType = {
  parse(text, { field, closest }): ParsedValue {
    const known = spelling(text, field);
    if (known === text) return value(text, canonicalText(text));
    if (known !== undefined) {
      return value(known, canonicalText(known), [{ code: 'PICKLIST_RESPELT', level: 'fix', facts: { readAs: known } }]);
    }
    const { offered } = lookupOf(field);
    const suggestion = closest(text, offered);
    const facts = { ...(suggestion === null ? {} : { suggestion }), offered: offered.slice(0, 12) };
    if (field.restrictedPicklist) return issue('PICKLIST_UNKNOWN', facts);
    if (field.length > 0 && text.length > field.length)
      return issue('TEXT_TOO_LONG', { length: text.length, max: field.length });
    return value(text, canonicalText(text), [{ code: 'PICKLIST_NEW', level: 'warn', facts }]);
  },
  canonicalise: canonicalText,
};

function setOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(';')
        .map(canonicalText)
        .filter((part) => part !== ''),
    ),
  ].sort();
}

/**
 * Characters that all selected values may have together, where describe gives no length. No document of Salesforce states the number
 * ("Picklist Limitations" in Help has only those of the values); orgs do, of each such field: `"dataType":"MultiPicklist"` with
 * `"length":4099`, in an org's object infos (User Interface API) of Bad_Guy__c's MultiCity__c and Territories_Covered__c, the object that
 * the tests of salesforce/base-components-recipes are about; and "multipicklist … Length: 4099" in lists that tools print of describes.
 */
const MULTI_SELECT_LENGTH = 4099;

/** multipicklist: a set joined by semicolons; order and repeats do not matter. */
export const multipicklistType: FieldType = {
  parse(text, context): ParsedValue {
    const parts = text
      .split(';')
      .map(trimEdges)
      .filter((part) => part !== '');
    const spelt: string[] = [];
    let respelt = false;
    for (const part of parts) {
      const one = picklistType.parse(part, context);
      if (one.kind === 'issue') return issue('MULTIPICKLIST_UNKNOWN', { ...one.facts, part });
      respelt ||= one.api !== part;
      spelt.push(one.api);
    }
    const joined = [...new Set(spelt)].join(';');
    const max = context.field.length || MULTI_SELECT_LENGTH;
    if (joined.length > max) return issue('TEXT_TOO_LONG', { length: joined.length, max });
    return value(
      joined,
      setOf(joined).join(';'),
      respelt ? [{ code: 'PICKLIST_RESPELT', level: 'fix', facts: { readAs: joined } }] : [],
    );
  },
  canonicalise: (stored) => setOf(stored).join(';'),
};

/** Whether a dependent value is allowed under its controlling value (`validFor` is a base64 bitmap over the controller's entries). */
export function isAllowedUnder(
  dependent: FieldDescribe,
  controller: FieldDescribe,
  controlling: string,
  text: string,
): boolean {
  const entry = dependent.picklistValues.find((candidate) => candidate.value === text);
  if (!entry?.validFor) return true;
  const index =
    controller.type === 'boolean'
      ? Number(controlling === 'true')
      : controller.picklistValues.findIndex((candidate) => candidate.value === controlling);
  if (index < 0) return false;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const sextet = alphabet.indexOf(entry.validFor.charAt(Math.floor(index / 6)));
  return sextet >= 0 && (sextet & (0b100000 >> (index % 6))) !== 0;
}
