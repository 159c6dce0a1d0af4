import { canonicalText } from '../match/canonical-text.ts';
import { issue, value, type FieldType, type ValueNote } from './field-type.ts';

/** string, textarea, encryptedstring, combobox, anyType: any text up to the field's length in UTF-16 units. */
export const textType: FieldType = {
  parse(text, { field }) {
    if (field.length > 0 && text.length > field.length) {
      return issue('TEXT_TOO_LONG', { length: text.length, max: field.length });
    }
    const notes: ValueNote[] = [];
    if (/^[=+@]|^-(?!\d)/.test(text) && text.length > 1 && !/^\+[\d\s().-]+$/.test(text)) {
      notes.push({ code: 'FORMULA_TEXT', level: 'warn', facts: {} });
    }
    if (/^\d(?:\.\d+)?E\+?\d{2,}$/i.test(text)) notes.push({ code: 'SCIENTIFIC_TEXT', level: 'warn', facts: {} });
    return value(text, canonicalText(text), notes);
  },
  canonicalise: canonicalText,
};
