import { canonicalText } from '../match/canonical-text.ts';
import { foldCase } from '../match/fold-key.ts';
import { issue, type FieldType } from './field-type.ts';
import { textType } from './text.ts';

/** The shape Salesforce accepts: one @, no spaces, a domain with a dot. */
const EMAIL = /^[^\s@,;:"<>()[\]\\]+@[^\s@,;:"<>()[\]\\.]+(?:\.[^\s@,;:"<>()[\]\\.]+)+$/;

/** Addresses compare without case: Salesforce stores them in lower case. */
export const emailType: FieldType = {
  parse(text, context) {
    const local = text.split('@')[0] ?? '';
    if (!EMAIL.test(text) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
      return issue('NOT_AN_EMAIL');
    }
    const parsed = textType.parse(text, context);
    return parsed.kind === 'value' ? { ...parsed, canonical: foldCase(parsed.canonical) } : parsed;
  },
  canonicalise: (stored) => foldCase(canonicalText(stored)),
};
