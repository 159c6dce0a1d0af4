import { dateTimeText } from '../records/field-values.ts';
import type { OrgData } from '../records/org-data.ts';
import { idOf, type Stored } from '../records/record-store.ts';
import { matchEngineOf } from '../schema/schema-file.ts';
import { CREATED_BY, CREATED_DATE, ID, MODIFIED_BY, MODIFIED_DATE, MODSTAMP } from '../schema/schema.ts';

export const RULE_OBJECTS: ReadonlySet<string> = new Set(['DuplicateRule', 'MatchingRule', 'MatchingRuleItem']);

const RULES_EPOCH = dateTimeText(Date.UTC(2026, 0, 5, 8));

function add(data: OrgData, objectName: string, values: Record<string, Stored>): string {
  const table = data.store.table(objectName);
  if (!table) throw new Error(`the schema has no ${objectName}`);
  const [user] = data.store.table('User')?.records.keys() ?? [];
  const record = data.rules(table).template.slice();
  record[ID] = table.nextId();
  for (const slot of [CREATED_DATE, MODIFIED_DATE, MODSTAMP]) record[slot] = RULES_EPOCH;
  for (const slot of [CREATED_BY, MODIFIED_BY]) record[slot] = user ?? null;
  for (const [name, value] of Object.entries(values)) {
    const field = table.field(name);
    if (field) record[field.slot] = value;
  }
  data.store.put(table, record);
  return idOf(record);
}

/**
 * The org's rules as records (Object Reference, "DuplicateRule", "MatchingRule", "MatchingRuleItem"), in place of those there
 * are. What a duplicate rule does and which matching rules it has is not among their fields: the User Interface API tells
 * it ("Duplicate Rule").
 */
export function writeRuleRecords(data: OrgData): void {
  for (const name of RULE_OBJECTS) data.store.table(name)?.clear();
  const common = (rule: { name: string; label: string; object: string }): Record<string, Stored> => ({
    DeveloperName: rule.name,
    MasterLabel: rule.label,
    Language: 'en_US',
    SobjectType: rule.object,
    SobjectSubtype: 'None',
  });
  const { matchingRules, duplicateRules } = data.duplicateRules.file;
  for (const rule of matchingRules) {
    const id = add(data, 'MatchingRule', {
      ...common(rule),
      MatchEngine: matchEngineOf(rule),
      BooleanFilter: rule.booleanFilter ?? null,
      RuleStatus: rule.active ? 'Active' : 'Inactive',
    });
    for (const [place, { field, method, matchBlanks }] of rule.items.entries())
      add(data, 'MatchingRuleItem', {
        MatchingRuleId: id,
        Field: field,
        MatchingMethod: method,
        BlankValueBehavior: matchBlanks ? 'MatchBlanks' : 'NullNotAllowed',
        SortOrder: place + 1,
      });
  }
  for (const rule of duplicateRules) add(data, 'DuplicateRule', { ...common(rule), IsActive: rule.active });
}
