/** A number as it is written: `1.10` and ids of twenty digits are not what they become as floats. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | { [key: string]: JsonValue };

/** What a reviver is told besides key and value (ECMA-262, JSON.parse source text access). */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const keepNumbers: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? new JsonNumber(source ?? String(value)) : value;

/** `JSON.parse` with every number as its text. Throws `SyntaxError`. */
export function parseExactly(text: string): JsonValue {
  return JSON.parse(text, keepNumbers as Parameters<typeof JSON.parse>[1]) as JsonValue;
}
