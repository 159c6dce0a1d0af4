import { MatchingRule } from './matching/matching-rule.ts';
import type { RecordStore, RecordTable, StoredRecord } from './record-store.ts';
import type { DuplicateResult } from './save-error.ts';
import { matchEngineOf, type RulesFile } from '../schema/schema-file.ts';

type DuplicateRuleFile = RulesFile['duplicateRules'][number];

interface Rule {
  readonly file: DuplicateRuleFile;
  readonly matchingRules: readonly MatchingRule[];
}

/**
 * The org's duplicate rules and their matching rules (Salesforce Help, "Duplicate Rules", "Standard Matching Rules"). Rules
 * that match records of another object, as the standard contact rule does with leads in new orgs, are not simulated.
 */
export class DuplicateRules {
  readonly #store: RecordStore;
  #file: RulesFile;
  #rules: readonly Rule[] = [];
  /** Whether saves ask them; findDuplicates always does. */
  enabled = false;

  constructor(store: RecordStore, file: RulesFile) {
    this.#store = store;
    this.#file = file;
    this.set(file);
    store.onCommit(({ changes }) => {
      for (const { table, before, after } of changes)
        for (const { matchingRules } of this.#rules) for (const rule of matchingRules) rule.note(table, before, after);
    });
  }

  get file(): RulesFile {
    return this.#file;
  }

  /** Puts other rules in place of those there are. Throws for rules that name what is not there. */
  set(file: RulesFile): void {
    const rules = file.duplicateRules.map((rule) => {
      const table = this.#store.table(rule.object);
      if (!table) throw new Error(`there is no object ${rule.object}`);
      return {
        file: rule,
        matchingRules: rule.matchingRules.map((name) => {
          const found = file.matchingRules.find((one) => one.name === name && one.object === rule.object);
          if (!found) throw new Error(`${rule.object} has no matching rule ${name}`);
          return new MatchingRule(this.#store, table, found);
        }),
      };
    });
    this.#file = { matchingRules: file.matchingRules, duplicateRules: file.duplicateRules };
    this.#rules = rules;
  }

  /** What the active rules of the record's object say about it, one result a rule. */
  find(table: RecordTable, record: StoredRecord, event: 'insert' | 'update'): DuplicateResult[] {
    const active = this.#rules.filter(({ file }) => file.active && file.object === table.object.name);
    return active.map(({ file, matchingRules }) => ({
      allowSave: (event === 'insert' ? file.actionOnInsert : file.actionOnUpdate) === 'Allow',
      alerts: (event === 'insert' ? file.operationsOnInsert : file.operationsOnUpdate).includes('Alert'),
      rule: file.name,
      entityType: table.object.name,
      table,
      matchResults: matchingRules
        .filter((rule) => rule.file.active)
        .map((rule) => ({
          rule: rule.file.name,
          engine: matchEngineOf(rule.file),
          matches: rule.find(record),
        }))
        .filter(({ matches }) => matches.length > 0),
    }));
  }
}
