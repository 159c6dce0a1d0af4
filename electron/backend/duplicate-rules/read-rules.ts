import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { soqlText } from '../plan/record-request.ts';
import { MatchingMethod, waysOf, type MatchingRule } from './matching-rule.ts';

/**
 * What a duplicate rule does with a save that it finds a duplicate of: refuses it always; refuses it unless the caller says
 * `allowSave`; only notes it; nothing.
 */
export type RuleEffect = 'block' | 'alert' | 'report' | 'nothing';

export interface DuplicateRule {
  readonly name: string;
  readonly onInsert: RuleEffect;
  readonly onUpdate: RuleEffect;
  /** Whether it applies to some records or users only, which is not worked out here. */
  readonly conditional: boolean;
  /** Those that can be emulated. */
  readonly matchingRules: readonly MatchingRule[];
  /** Names of those that can't: of another object, with criteria that can't be read, or methods that are not known. */
  readonly unread: readonly string[];
}

const Action = z.enum(['Allow', 'Block']);
/** User Interface API guide, "Duplicates Configuration", "Duplicate Rule", "Match Rule" (version 50.0 and later). */
const Configuration = z.object({
  duplicateRules: z.array(
    z.object({
      name: z.string(),
      active: z.boolean(),
      actionOnInsert: Action,
      actionOnUpdate: Action,
      operationsOnInsert: z.array(z.string()),
      operationsOnUpdate: z.array(z.string()),
      duplicateRuleFilters: z.array(z.unknown()).nullish(),
      matchRules: z.array(z.object({ name: z.string(), objectApiName: z.string() })),
    }),
  ),
});

const RuleRecord = z.object({
  Id: z.string(),
  DeveloperName: z.string(),
  MasterLabel: z.string(),
  BooleanFilter: z.string().nullable(),
});
const ItemRecord = z.object({
  MatchingRuleId: z.string(),
  Field: z.string().nullable(),
  MatchingMethod: z.string().nullable(),
  BlankValueBehavior: z.string(),
});
type ItemRecord = z.infer<typeof ItemRecord>;

function effectOf(action: z.infer<typeof Action>, operations: readonly string[]): RuleEffect {
  if (action === 'Block') return 'block';
  if (operations.includes('Alert')) return 'alert';
  return operations.includes('Report') ? 'report' : 'nothing';
}

/** A rule as it can be emulated; null where something of it is not known. */
function ruleOf(record: z.infer<typeof RuleRecord>, records: readonly ItemRecord[]): MatchingRule | null {
  const items = records.flatMap((item) => {
    const method = MatchingMethod.safeParse(item.MatchingMethod);
    if (!method.success || item.Field === null) return [];
    return [{ field: item.Field, method: method.data, matchBlanks: item.BlankValueBehavior === 'MatchBlanks' }];
  });
  if (items.length === 0 || items.length < records.length) return null;
  const ways = waysOf(record.BooleanFilter, items.length);
  return ways && { name: record.DeveloperName, items, ways };
}

type Reader = Pick<OrgClient, 'get' | 'query'>;

/**
 * The matching rules of an object by their names, labels among them, of those that can be emulated. Only users with the permission
 * "View Setup and Configuration" may read them (Object Reference, "MatchingRule"): for others there are none.
 */
async function matchingRules(org: Reader, object: string, signal: AbortSignal): Promise<Map<string, MatchingRule>> {
  const of = soqlText(object);
  try {
    const rules = await org.query(
      `SELECT Id, DeveloperName, MasterLabel, BooleanFilter FROM MatchingRule WHERE SobjectType = ${of} AND RuleStatus = 'Active'`,
      signal,
    );
    const items = await org.query(
      `SELECT MatchingRuleId, Field, MatchingMethod, BlankValueBehavior FROM MatchingRuleItem WHERE MatchingRule.SobjectType = ${of} ORDER BY SortOrder`,
      signal,
    );
    const parsed = z.array(ItemRecord).parse(items);
    return new Map(
      z
        .array(RuleRecord)
        .parse(rules)
        .flatMap((record) => {
          const rule = ruleOf(
            record,
            parsed.filter((item) => item.MatchingRuleId === record.Id),
          );
          return rule ? [[record.MasterLabel, rule] as const, [record.DeveloperName, rule] as const] : [];
        }),
    );
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'ORG_REFUSED') return new Map();
    throw error;
  }
}

/**
 * The active duplicate rules of an object: which there are and what they do as the User Interface API tells it, their criteria from
 * the records. Throws `ORG_REFUSED` for an object that API doesn't know, and what calls to an org throw.
 */
export async function readDuplicateRules(org: Reader, object: string, signal: AbortSignal): Promise<DuplicateRule[]> {
  const { duplicateRules } = await org.get(`ui-api/duplicates/${encodeURIComponent(object)}`, Configuration, signal);
  const active = duplicateRules.filter((rule) => rule.active);
  if (active.length === 0) return [];
  const known = await matchingRules(org, object, signal);
  return active.map((rule) => {
    const own = rule.matchRules.map(({ name, objectApiName }) => ({
      name,
      rule: objectApiName === object ? known.get(name) : undefined,
    }));
    return {
      name: rule.name,
      onInsert: effectOf(rule.actionOnInsert, rule.operationsOnInsert),
      onUpdate: effectOf(rule.actionOnUpdate, rule.operationsOnUpdate),
      conditional: (rule.duplicateRuleFilters ?? []).length > 0,
      matchingRules: own.flatMap(({ rule: found }) => found ?? []),
      unread: own.flatMap(({ name, rule: found }) => (found ? [] : [name])),
    };
  });
}
