import {
  LOSERS_A_ROUND,
  type GroupChoice,
  type MergeCell,
  type MergeField,
  type MergeRules,
  type ValueRule,
} from '../../../shared/domain/merge.ts';
import type { FactRecord, GroupFacts, MergeFieldInfo } from './group-facts.ts';

export const NO_CHOICE: GroupChoice = { master: null, fields: {}, leftOut: false };

/** What is done with one group. */
export interface DecidedGroup {
  readonly master: FactRecord;
  /** Two each, in the order they are merged in. */
  readonly rounds: readonly (readonly FactRecord[])[];
  /** Fields in which the records differ, with the value that stays. */
  readonly fields: readonly MergeField[];
  readonly blocked: 'hierarchy' | null;
}

/**
 * Whose records they are, of which type, and which record they are below, is no matter of which values are better: it goes over only when
 * that is asked for. A record above may be merged away by the same merge.
 */
const MASTERS_OWN = new Set(['OwnerId', 'RecordTypeId']);

const isBlank = (value: MergeCell | undefined): boolean => value === null || value === undefined || value === '';

/** Characters that no XML document can have (XML 1.0, section 2.2): a value with one of them can't be sent. */

const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Decides on one group by the rules and what was chosen by hand: pure, so that the same plan always means the same. */
export function decideGroup(
  facts: GroupFacts,
  rules: MergeRules,
  choice: GroupChoice,
  fields: readonly MergeFieldInfo[],
  objectName: string,
): DecidedGroup {
  const ranked = rank(facts.records, rules.master, fields);
  const [first] = ranked;
  if (!first) throw new Error('a group has records');
  const master = ranked.find(({ id }) => id === choice.master) ?? first;
  const losers = ranked.filter((record) => record !== master);
  const rounds: FactRecord[][] = [];
  for (let at = 0; at < losers.length; at += LOSERS_A_ROUND) rounds.push(losers.slice(at, at + LOSERS_A_ROUND));
  const decided: MergeField[] = [];
  for (const unit of unitsOf(fields))
    decided.push(...decideUnit(unit, { master, losers }, { rules, choice, objectName }));
  return {
    master,
    rounds,
    fields: decided,
    blocked: isBlocked(master, losers, fields, objectName) ? 'hierarchy' : null,
  };
}

function rank(
  records: readonly FactRecord[],
  rule: MergeRules['master'],
  fields: readonly MergeFieldInfo[],
): FactRecord[] {
  const first = (one: FactRecord, other: FactRecord): number =>
    one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id);
  const by = {
    oldest: first,
    newest: (one: FactRecord, other: FactRecord) => -first(one, other),
    fullest: (one: FactRecord, other: FactRecord) =>
      filledOf(other, fields) - filledOf(one, fields) || first(one, other),
    mostChildren: (one: FactRecord, other: FactRecord) => childrenOf(other) - childrenOf(one) || first(one, other),
  }[rule];
  return [...records].sort(by);
}

/** Settable fields of a record that are not blank. */
export function filledOf({ values }: FactRecord, fields: readonly MergeFieldInfo[]): number {
  return fields.filter(({ name, settable }) => settable && !isBlank(values[name])).length;
}

export function childrenOf({ children }: FactRecord): number {
  return Object.values(children).reduce((sum, count) => sum + count, 0);
}

/** The parts of an address stay together: one taken from here and one from there make a place that is none. */
function unitsOf(fields: readonly MergeFieldInfo[]): MergeFieldInfo[][] {
  const units = new Map<string, MergeFieldInfo[]>();
  for (const field of fields) if (field.settable) units.set(field.unit, [...(units.get(field.unit) ?? []), field]);
  return [...units.values()];
}

function decideUnit(
  unit: readonly MergeFieldInfo[],
  { master, losers }: { master: FactRecord; losers: readonly FactRecord[] },
  { rules, choice, objectName }: { rules: MergeRules; choice: GroupChoice; objectName: string },
): MergeField[] {
  const members = [master, ...losers];
  const differing = unit.filter(({ name }) => members.some(({ values }) => !same(values[name], master.values[name])));
  if (differing.length === 0) return [];
  const chosen = unit.map(({ name }) => choice.fields[name]).find((id) => members.some((member) => member.id === id));
  const rule =
    unit.map(({ name }) => rules.fields[name]).find((given) => given !== undefined) ??
    defaultRule(unit, rules, objectName);
  const wanted = members.find(({ id }) => id === chosen) ?? byRule(unit, members, rule);
  const from = canTake(unit, wanted, members) ? wanted : master;
  return differing.map(({ name, label }) => ({
    field: name,
    label,
    old: master.values[name] ?? null,
    new: from.values[name] ?? null,
    from: same(from.values[name], master.values[name]) ? master.id : from.id,
    byHand: chosen !== undefined,
    options: members.map(({ id, values }) => ({ id, value: values[name] ?? null })),
  }));
}

function defaultRule(unit: readonly MergeFieldInfo[], rules: MergeRules, objectName: string): ValueRule {
  const own = unit.some(({ name, referenceTo }) => MASTERS_OWN.has(name) || referenceTo.includes(objectName));
  return own ? 'master' : rules.values;
}

function same(one: MergeCell | undefined, other: MergeCell | undefined): boolean {
  return (isBlank(one) && isBlank(other)) || one === other;
}

/** `members` begin with the master, and the others come in the order of its rule. */
function byRule(unit: readonly MergeFieldInfo[], members: readonly FactRecord[], rule: ValueRule): FactRecord {
  const master = members[0] as FactRecord;
  const filled = members.filter(({ values }) => unit.some(({ name }) => !isBlank(values[name])));
  if (rule === 'master' || filled.length === 0) return master;
  if (rule === 'fill') return filled[0] as FactRecord;
  return filled.reduce((best, record) => (record.modifiedAt > best.modifiedAt ? record : best));
}

/** Not a lookup to a record of the group, and nothing that XML has no characters for. */
function canTake(unit: readonly MergeFieldInfo[], from: FactRecord, members: readonly FactRecord[]): boolean {
  return unit.every(({ name }) => {
    const value = from.values[name];
    return typeof value !== 'string' || !(NO_XML.test(value) || members.some(({ id }) => id === value));
  });
}

/**
 * A master below one of its losers would be above itself, and merging contacts takes over whom the loser reports to: "if this action
 * causes a cyclical relationship, merge() returns an error" (SOAP API guide, "merge()", Account Hierarchies and Contacts Reports To).
 */
function isBlocked(
  master: FactRecord,
  losers: readonly FactRecord[],
  fields: readonly MergeFieldInfo[],
  objectName: string,
): boolean {
  const above = fields.filter(({ referenceTo }) => referenceTo.includes(objectName)).map(({ name }) => name);
  const below = objectName === 'Contact' ? [master, ...losers] : [master];
  const ids = new Set([master, ...losers].map(({ id }) => id));
  return below.some(({ values }) => above.some((name) => ids.has(String(values[name]))));
}
