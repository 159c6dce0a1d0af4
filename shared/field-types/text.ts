import { issue, value, type FieldType, type ValueNote } from './field-type.ts';

/** Line breaks compare equal however they were typed: Salesforce gives CRLF back for text entered in its pages. */
function canonicalText(text: string): string {
  return text.trim().replaceAll('\r\n', '\n');
}

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
