import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType } from './field-type.ts';

const TRUE_WORDS = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE_WORDS = new Set(['false', 'f', 'no', 'n', 'off', '0']);

/** Only words that cannot be mistaken: anything else is an issue, never quietly false. */
export const booleanType: FieldType = {
  parse(text) {
    const word = text.toLowerCase();
    if (TRUE_WORDS.has(word)) return value('true');
    if (FALSE_WORDS.has(word)) return value('false');
    return issue('NOT_A_BOOLEAN');
  },
  canonicalise: (stored) => (TRUE_WORDS.has(trimStored(stored).toLowerCase()) ? 'true' : 'false'),
};
