import { normaliseRecordId } from '../domain/ids.ts';
import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType } from './field-type.ts';

function canonicalId(stored: string): string {
  const text = trimStored(stored);
  const normalised = normaliseRecordId(text);
  return 'id' in normalised ? normalised.id : text;
}

/** reference, id: a record id of 15 or 18 characters, of an object that the field takes. Whether there is such a record is the org's to say. */
export const referenceType: FieldType = {
  parse(text, { keyPrefixes }) {
    const normalised = normaliseRecordId(text);
    if ('problem' in normalised) return issue(normalised.problem);
    const prefix = normalised.id.slice(0, 3);
    if (keyPrefixes.length > 0 && !keyPrefixes.includes(prefix)) {
      return issue('ID_OF_OTHER_OBJECT', { prefix, expected: keyPrefixes.slice(0, 12) });
    }
    return value(normalised.id);
  },
  canonicalise: canonicalId,
};
