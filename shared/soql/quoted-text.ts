import { NotSoql, type Token } from './soql-tokens.ts';

/** SOQL and SOSL Reference, "Quoted String Escape Sequences". */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};
const WRITTEN: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  "'": "\\'",
  '\\': '\\\\',
};

/**
 * A text without its quotes; null for a pattern with a backslash that no text stands for. In a pattern `\_` and `\%` stay as they are
 * written. Throws `NotSoql` for an escape that there isn't.
 */
export function unquoted({ text, offset }: Token, isPattern: boolean): string | null {
  const body = text.slice(1, -1);
  let plain = '';
  for (let place = 0; place < body.length; place++) {
    const character = body.charAt(place);
    if (character !== '\\') {
      plain += character;
      continue;
    }
    const next = body.charAt(++place);
    if (isPattern && (next === '_' || next === '%')) {
      plain += `\\${next}`;
      continue;
    }
    const code = /^u([0-9a-f]{4})/i.exec(body.slice(place, place + 5))?.[1];
    if (code !== undefined) place += 4;
    const meant = code === undefined ? ESCAPES[next] : String.fromCharCode(parseInt(code, 16));
    if (meant === undefined) throw new NotSoql(offset + place, `\\${next}`, 'escape');
    if (isPattern && meant === '\\' && /^[_%]/.test(body.slice(place + 1))) return null;
    plain += meant;
  }
  return plain;
}

export function quoted(text: string, isPattern: boolean): string {
  const escaped = text.replace(isPattern ? /\\[_%]|[\n\r\t\b\f'\\]/g : /[\n\r\t\b\f'\\]/g, (found) =>
    found.length === 2 ? found : (WRITTEN[found] ?? found),
  );
  return `'${escaped}'`;
}
