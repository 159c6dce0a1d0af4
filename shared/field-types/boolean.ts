import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType } from './field-type.ts';

/** Yes and no in English, German, French, Spanish, Portuguese, Italian, Dutch, Japanese and Chinese; spreadsheets' true and false. */
const TRUE_WORDS = new Set(
  'true t yes y on 1 ja j oui sí si sim sì はい 是 wahr vrai verdadero verdadeiro vero waar'.split(' '),
);
const FALSE_WORDS = new Set('false f no n off 0 nein non não nao nee いいえ 否 falsch faux falso onwaar'.split(' '));

/** Only words that cannot be mistaken: anything else is an issue, never quietly false. */
export const booleanType: FieldType = {
  parse(text) {
    const word = text.normalize('NFC').toLowerCase();
    if (TRUE_WORDS.has(word)) return value('true');
    if (FALSE_WORDS.has(word)) return value('false');
    return issue('NOT_A_BOOLEAN');
  },
  canonicalise: (stored) => (TRUE_WORDS.has(trimStored(stored).toLowerCase()) ? 'true' : 'false'),
};
