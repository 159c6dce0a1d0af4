import { normaliseRecordId } from '../domain/ids.ts';
import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType } from './field-type.ts';

function canonicalId(stored: string): string {
  const text = trimStored(stored);
  const normalised = normaliseRecordId(text);
  return 'id' in normalised ? normalised.id : text;
}

/** reference: a record id of 15 or 18 characters. Which object it must point to is the org's to say; it resolves on load. */
export const referenceType: FieldType = {
  parse(text) {
    const normalised = normaliseRecordId(text);
    return 'id' in normalised ? value(normalised.id) : issue(normalised.problem);
  },
  canonicalise: canonicalId,
};

/** id: as reference, and of the object being loaded. */
export const idType: FieldType = {
  parse(text, { keyPrefix }) {
    const normalised = normaliseRecordId(text);
    if ('problem' in normalised) return issue(normalised.problem);
    if (keyPrefix !== null && !normalised.id.startsWith(keyPrefix)) {
      return issue('ID_OF_OTHER_OBJECT', { prefix: normalised.id.slice(0, 3), expected: keyPrefix });
    }
    return value(normalised.id);
  },
  canonicalise: canonicalId,
};
