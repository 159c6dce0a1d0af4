import { JsonNumber, parseExactly, type JsonValue } from './parse-exactly.ts';
import { repeatedKey } from './repeated-key.ts';

/** A record's values by column and the names of those that are numbers with decimals, or why there are none. */
export type Flattened =
  | {
      readonly kind: 'record';
      readonly values: ReadonlyMap<string, string>;
      readonly numbers: ReadonlySet<string>;
      /** Of names with dots the keys they were made of: those of `{"a.b": 1}` and of `{"a": {"b": 1}}` differ. */
      readonly paths: ReadonlyMap<string, string>;
      readonly nested: boolean;
    }
  | { readonly kind: 'not-an-object' }
  /** One name has two values. */
  | { readonly kind: 'repeated-key' }
  | { readonly kind: 'broken' };

/**
 * One JSON record as named texts. The rule: an object within becomes columns named with dots (`Owner.Name`), an array of
 * plain values one text with semicolons (as a multi-select picklist has them), an array of anything else its own JSON.
 * `attributes`, which Salesforce puts on every record of a query, says nothing about the record and is left out.
 */
export function flattenRecord(text: string): Flattened {
  let parsed: JsonValue;
  try {
    parsed = parseExactly(text);
  } catch {
    return { kind: 'broken' };
  }
  if (!isObject(parsed)) return { kind: 'not-an-object' };
  if (repeatedKey(text) !== null) return { kind: 'repeated-key' };
  const values = new Map<string, string>();
  const numbers = new Set<string>();
  const paths = new Map<string, string>();
  let nested = false;
  let repeated = false;
  const put = (prefix: string, object: Record<string, JsonValue>, keys = '') => {
    for (const [key, value] of Object.entries(object)) {
      const name = prefix + key.toWellFormed();
      const path = `${keys}\0${key}`;
      // `{"a.b": 1, "a": {"b": 2}}`: two values for one column.
      if (values.has(name)) repeated = true;
      if (isObject(value)) {
        if (key === 'attributes' && typeof value['type'] === 'string') continue;
        nested = true;
        put(`${name}.`, value, path);
        continue;
      }
      if (name.includes('.')) paths.set(name, path);
      if (Array.isArray(value)) {
        nested = true;
        values.set(
          name,
          value.some((one) => Array.isArray(one) || isObject(one)) ? jsonOf(value) : value.map(textOf).join(';'),
        );
      } else {
        values.set(name, textOf(value));
        if (value instanceof JsonNumber && value.text.includes('.')) numbers.add(name);
      }
    }
  };
  put('', parsed);
  return repeated ? { kind: 'repeated-key' } : { kind: 'record', values, numbers, paths, nested };
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : jsonOf(value);
}

function jsonOf(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (!isObject(value)) return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${quoted(key)}:${jsonOf(one)}`)
    .join(',')}}`;
}

/** A lone surrogate stays what it is: `JSON.stringify` writes it as an escape, which is text like any other. */
function quoted(text: string): string {
  const parts = text
    .split(/(\p{Cs})/u)
    .map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part).slice(1, -1)));
  return `"${parts.join('')}"`;
}
