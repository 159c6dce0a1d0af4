import { z } from 'zod';

/** MatchingRuleItem.MatchingMethod (Object Reference, "MatchingRuleItem"). */
export const MatchingMethod = z.enum([
  'Exact',
  'FirstName',
  'LastName',
  'CompanyName',
  'Phone',
  'City',
  'Street',
  'Zip',
  'Title',
]);
export type MatchingMethod = z.infer<typeof MatchingMethod>;

export interface MatchingItem {
  readonly field: string;
  readonly method: MatchingMethod;
  /** Whether two blanks match; else a blank matches nothing. */
  readonly matchBlanks: boolean;
}

export interface MatchingRule {
  readonly name: string;
  /** In the order in which the ways count them, from 0. */
  readonly items: readonly MatchingItem[];
  /** Each is a set of items that, all matching, make two records match. */
  readonly ways: readonly (readonly number[])[];
}

/**
 * The standard rules for contacts and leads have match keys of their own, take first and last names in each other's place, and
 * ignore a blank one beside an e-mail (Salesforce Help, "Standard Contact Matching Rule and Standard Lead Matching Rule").
 */
export function isStandardPersonRule({ name }: MatchingRule): boolean {
  return /^Standard_(?:Contact|Lead)_Match_Rule/.test(name);
}

type Expression = { readonly item: number } | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] };

/** AND binds tighter than OR. Null for what is no such expression. */
function parse(filter: string): Expression | null {
  const rest = (filter.match(/\d+|[a-z]+|[^\s]/gi) ?? []).map((token) => token.toUpperCase());
  const list = (kind: 'and' | 'or', next: () => Expression | null): Expression | null => {
    const parts: Expression[] = [];
    do {
      const part = next();
      if (!part) return null;
      parts.push(part);
    } while (rest[0] === kind.toUpperCase() && rest.shift() !== undefined);
    return { kind, parts };
  };
  const operand = (): Expression | null => {
    const next = rest.shift() ?? '';
    if (/^\d+$/.test(next)) return { item: Number(next) - 1 };
    if (next !== '(') return null;
    const inner = expression();
    return rest.shift() === ')' ? inner : null;
  };
  const expression = (): Expression | null => list('or', () => list('and', operand));
  const parsed = expression();
  return rest.length === 0 ? parsed : null;
}

function spread(expression: Expression): number[][] {
  if ('item' in expression) return [[expression.item]];
  if (expression.kind === 'or') return expression.parts.flatMap(spread);
  return expression.parts.reduce<number[][]>(
    (ways, part) => ways.flatMap((way) => spread(part).map((more) => [...new Set([...way, ...more])])),
    [[]],
  );
}

/**
 * The ways of a rule by its filter logic, `1 AND (2 OR 3)`; without one every item has to match (Metadata API guide,
 * "MatchingRule", booleanFilter). Null where the filter can't be read.
 */
export function waysOf(booleanFilter: string | null, items: number): number[][] | null {
  if (booleanFilter === null || booleanFilter.trim() === '') return [Array.from({ length: items }, (_none, n) => n)];
  const parsed = parse(booleanFilter);
  const ways = parsed ? spread(parsed) : [];
  return ways.length > 0 && ways.every((way) => way.every((item) => item >= 0 && item < items)) ? ways : null;
}
