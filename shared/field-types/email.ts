import { canonicalText } from '../match/canonical-text.ts';
import { foldCase } from '../match/fold-key.ts';
import { issue, type FieldType } from './field-type.ts';
import { textType } from './text.ts';

const COMMENT = /\([^()]*\)/g;
/** Letters of any script (Email Address Internationalization), digits, and the signs that RFC 5322 lets stand without quotes. */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-][\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]*$/u;
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u;

/**
 * What Salesforce takes for an address (Help 000384328): points in a row and at the end of the local part pass, one at its
 * beginning does not, and comments in brackets are looked past, in both parts. A domain has a point.
 */
function isEmail(text: string): boolean {
  const [local = '', domain = '', ...more] = text.replace(COMMENT, '').split('@');
  return more.length === 0 && LOCAL.test(local) && DOMAIN.test(domain);
}

/** Addresses compare without case: Salesforce stores them in lower case. */
export const emailType: FieldType = {
  parse(text, context) {
    if (!isEmail(text)) return issue('NOT_AN_EMAIL');
    const parsed = textType.parse(text, context);
    return parsed.kind === 'value' ? { ...parsed, canonical: foldCase(parsed.canonical) } : parsed;
  },
  canonicalise: (stored) => foldCase(canonicalText(stored)),
};
