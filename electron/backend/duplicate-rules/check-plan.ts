import type { AskedRows, DuplicateRuleReport, RuleFinding } from '../../../shared/domain/duplicate-rules.ts';
import { RecordId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import { soqlText, textAt } from '../plan/record-request.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import { tablesOf } from '../tables/tables.ts';
import { NEVER } from '../never.ts';
import { findDuplicates, RECORDS_A_CALL, type OrgAnswer } from './find-duplicates.ts';
import { findRuleMatches } from './find-matches.ts';
import { comparedFields, filledFields, OrgRecords, PlanRows } from './plan-sides.ts';
import { readDuplicateRules, type DuplicateRule } from './read-rules.ts';

/** Pairs of a rule that are compared at most; beyond, the org is asked for every row. */
const MAX_PAIRS = 50_000_000;
const EXAMPLES = 20;
/** Tables of the plan's database that are there while it is checked. */
const [MATCHED, CANDIDATES] = ['rule_match', 'rule_candidate'] as const;

export interface CheckTools {
  readonly client: FetchTools['client'] & Pick<OrgClient, 'get' | 'soap' | 'calls'>;
  readonly staging: FetchTools['staging'];
  readonly clock: FetchTools['clock'];
  readonly describeOf: (objectName: string) => Promise<SObjectDescribe>;
  /** Where pages lie on their way. */
  readonly folder: string;
  /** Called before the org is asked, with how many calls that takes. Throws where those are too many. */
  readonly mayCall: (calls: number) => Promise<void>;
  readonly progress: (stage: 'fetching' | 'comparing', done: number, total: number | null) => void;
}

type Found = Omit<RuleFinding, 'effect'>;

/**
 * What the org's active duplicate rules say of the rows that a plan would create. The org itself is asked (`findDuplicates`), for
 * every row, or only for those that the emulated rules find a record for; where a rule can't be emulated, for every row too. Only
 * reads. Throws what calls to an org throw, and what `mayCall` does.
 */
export async function checkDuplicateRules(
  tools: CheckTools,
  stored: StoredPlan,
  wanted: AskedRows,
  signal: AbortSignal,
): Promise<DuplicateRuleReport> {
  const before = tools.client.calls;
  const rules = await readDuplicateRules(tools.client, stored.describe.name, signal);
  const rows = stored.plan.counts.insert;
  const notRead = rules.flatMap((rule) => rule.unread);
  const report = { rules: rules.map(({ name }) => name), unread: notRead, rows };
  const nothing = { asked: 0, unanswered: { rows: 0, message: null }, findings: [] };
  if (rules.length === 0 || rows === 0) return { ...report, ...nothing, calls: tools.client.calls - before };
  const matching = rules.flatMap(({ matchingRules }) => matchingRules);
  const compared = notRead.length > 0 ? null : await comparedFields(matching, stored, tools.describeOf);
  const planRows = new PlanRows(tools, stored, tools.folder);
  try {
    await planRows.read(compared ?? (await filledFields(stored, tools.describeOf)), signal);
    const emulated = wanted === 'candidates' && compared !== null;
    const records = emulated ? new OrgRecords(tools, stored, tools.folder, compared) : null;
    const only = records ? await candidates(tools, stored, rules, planRows, records, signal) : 'true';
    const answers = await ask(tools, stored, planRows, only, signal);
    const findings = await named(tools, stored, rules, answers.found, signal);
    const { asked, unanswered } = answers;
    // Where criteria are known and a field of them is not, it is the rules with that field.
    const unread = compared || notRead.length > 0 ? notRead : matching.map(({ name }) => name);
    return { ...report, unread, asked, unanswered, findings, calls: tools.client.calls - before };
  } finally {
    await planRows.drop();
    const { named } = tablesOf(stored.plan.planId);
    const drops = [MATCHED, CANDIDATES].map((table) => `DROP TABLE IF EXISTS ${named(table)}`);
    await tools.staging.until(NEVER).run(drops.join('; '));
  }
}

/** SQL that chooses the rows that an emulated rule finds a record for. */
async function candidates(
  tools: CheckTools,
  stored: StoredPlan,
  rules: readonly DuplicateRule[],
  planRows: PlanRows,
  records: OrgRecords,
  signal: AbortSignal,
): Promise<string> {
  const { named } = tablesOf(stored.plan.planId);
  const staging = tools.staging.until(signal);
  try {
    await records.read(signal, (done) => tools.progress('fetching', done, null));
    await staging.run(`CREATE OR REPLACE TABLE ${named(CANDIDATES)} (row_number INTEGER)`);
    for (const rule of rules.flatMap(({ matchingRules }) => matchingRules)) {
      const sides = { rows: planRows.side(), records: records.side() };
      const { compared } = await findRuleMatches(staging, {
        rule,
        ...sides,
        into: MATCHED,
        named,
        maxPairs: MAX_PAIRS,
      });
      await staging.run(
        `INSERT INTO ${named(CANDIDATES)} SELECT "row" FROM ${named(MATCHED)}; DROP TABLE ${named(MATCHED)}`,
      );
      if (!compared) return 'true';
    }
    return `side.row_number IN (SELECT row_number FROM ${named(CANDIDATES)})`;
  } finally {
    await records.drop();
  }
}

async function ask(
  tools: CheckTools,
  stored: StoredPlan,
  planRows: PlanRows,
  only: string,
  signal: AbortSignal,
): Promise<{ asked: number; unanswered: DuplicateRuleReport['unanswered']; found: Map<string, Found> }> {
  const staging = tools.staging.until(signal);
  const { sql, fields } = planRows.asked(only);
  const [counted] = await staging.query(`SELECT count(*) AS n FROM (${sql})`);
  const total = Number(counted?.['n'] ?? 0);
  await tools.mayCall(Math.ceil(total / RECORDS_A_CALL));
  const found = new Map<string, Found>();
  let unanswered: DuplicateRuleReport['unanswered'] = { rows: 0, message: null };
  let last = 0;
  for (let done = 0; done < total;) {
    tools.progress('comparing', done, total);
    const page = await staging.query(
      `FROM (${sql}) WHERE row_number > ${last} ORDER BY row_number LIMIT ${RECORDS_A_CALL}`,
    );
    if (page.length === 0) break;
    const sent = page.map((row) => Object.fromEntries(fields.map((field, place) => [field, textOf(row, `f${place}`)])));
    const answers = await findDuplicates(tools.client, stored.describe.name, sent, signal);
    for (const [place, answer] of answers.entries()) {
      note(found, SourceRowNumber.parse(Number(page[place]?.['row_number'])), answer);
      if (answer.error !== null)
        unanswered = { rows: unanswered.rows + 1, message: unanswered.message ?? answer.error };
    }
    done += page.length;
    last = Number(page.at(-1)?.['row_number']);
  }
  return { asked: total, unanswered, found };
}

/** Adds what the org said of a row: by rule, the record most like it. */
function note(found: Map<string, Found>, row: SourceRowNumber, answer: OrgAnswer): void {
  for (const { rule, matches } of answer.found) {
    const [best] = matches.toSorted((a, b) => b.confidence - a.confidence);
    if (!best) continue;
    const known = found.get(rule) ?? { rule, rows: 0, examples: [] };
    const example = { row, recordId: RecordId.parse(best.recordId), recordName: '', confidence: best.confidence };
    found.set(rule, { rule, rows: known.rows + 1, examples: [...known.examples, example].slice(0, EXAMPLES) });
  }
}

/** Findings with what their rules do and with the names of the records, which findDuplicates doesn't tell. */
async function named(
  { client }: CheckTools,
  { describe }: StoredPlan,
  rules: readonly DuplicateRule[],
  found: ReadonlyMap<string, Found>,
  signal: AbortSignal,
): Promise<RuleFinding[]> {
  const ids = [...new Set([...found.values()].flatMap(({ examples }) => examples.map(({ recordId }) => recordId)))];
  const nameField = describe.fields.find((field) => field.nameField)?.name;
  const records =
    nameField === undefined || ids.length === 0
      ? []
      : await client.query(
          `SELECT Id, ${nameField} FROM ${describe.name} WHERE Id IN (${ids.map((id) => soqlText(id)).join(', ')})`,
          signal,
        );
  const names = new Map(records.map((record) => [textAt(record, 'Id'), textAt(record, nameField ?? '')]));
  return [...found.values()].map(({ examples, ...finding }) => ({
    ...finding,
    effect: rules.find(({ name }) => name === finding.rule)?.onInsert ?? 'alert',
    examples: examples.map((example) => ({ ...example, recordName: names.get(example.recordId) ?? '' })),
  }));
}
