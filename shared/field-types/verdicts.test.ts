import { describe, expect, test } from 'vitest';
import { FieldDescribe } from '../domain/sobject.ts';
import { trimEdges } from '../match/white-space.ts';
import { fieldTypeOf } from './all-field-types.ts';
import type { ParsedValue } from './field-type.ts';
import verdicts from './verdicts.json' with { type: 'json' };

type Verdicts = (typeof verdicts)[number];

function fieldOf({ type, field }: Verdicts): FieldDescribe {
  const { values = [], ...facts }: { values?: string[] } = field;
  const picklistValues = values.map((value) => ({ value, active: true }));
  const more = { nillable: true, createable: true, updateable: true, picklistValues };
  return FieldDescribe.parse({ name: 'F__c', label: 'F', type, ...more, ...facts });
}

/** Read as in a column that says nothing of how its values are written, in UTC. */
function parse(text: string, given: FieldDescribe, keyPrefixes: readonly string[]): ParsedValue {
  return fieldTypeOf(given).parse(trimEdges(text), {
    field: given,
    keyPrefixes,
    dateOrder: 'ambiguous',
    decimal: 'ambiguous',
    timeZone: 'UTC',
    instantOf: (local) =>
      Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second, local.ms),
    closest: () => null,
  });
}

/** A text by itself, what is sent for it if that differs, and what the org gives back if that differs again. */
function accepted(entry: string | string[]): [text: string, sent: string, kept: string] {
  const [text = '', sent = text, kept = sent] = typeof entry === 'string' ? [entry] : entry;
  return [text, sent, kept];
}

const ASKED = ['DECIMAL_AMBIGUOUS', 'DATE_ORDER_AMBIGUOUS'];

describe.each(verdicts.map((one) => [one.type, one] as const))('%s, by the documented verdicts', (_type, one) => {
  const given = fieldOf(one);
  const prefixes = (one.field as { keyPrefixes?: string[] }).keyPrefixes ?? [];

  test('what Salesforce accepts is sent, and is unchanged when it comes back', () => {
    for (const [text, sent, kept] of one.accepted.map(accepted)) {
      const parsed = parse(text, given, prefixes);
      expect([text, parsed]).toMatchObject([text, { kind: 'value', api: sent }]);
      const back = fieldTypeOf(given).canonicalise(kept, given);
      expect([text, parsed.kind === 'value' && parsed.canonical]).toEqual([text, back]);
    }
  });

  test('what Salesforce refuses is not sent', () => {
    for (const text of one.refused) {
      const parsed = parse(text, given, prefixes);
      expect([text, parsed.kind]).toEqual([text, 'issue']);
      expect(ASKED).not.toContain(parsed.kind === 'issue' && parsed.code);
    }
  });

  test('what can be read in several ways is asked about', () => {
    for (const text of one.asked) {
      const parsed = parse(text, given, prefixes);
      expect([text, ASKED.includes(parsed.kind === 'issue' ? parsed.code : '')]).toEqual([text, true]);
    }
  });
});

test('every type has at least 40 values', () => {
  const counts = new Map<string, number>();
  for (const { type, accepted: taken, refused, asked } of verdicts)
    counts.set(type, (counts.get(type) ?? 0) + taken.length + refused.length + asked.length);
  expect([...counts].filter(([, count]) => count < 40)).toEqual([]);
  expect(counts.size).toBe(19);
});
