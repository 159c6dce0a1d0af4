import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { Digest, OrgId, PlanId, SourceId } from '../../../shared/domain/ids.ts';
import type { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { RepeatChoices } from '../../../shared/domain/repeated-rows.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { buildLoadPlan } from '../plan/build-load-plan.ts';
import { planPage } from '../plan/plan-pages.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';
import { ValueChecker } from '../validation/check-values.ts';
import { stagingOver, type InProcessStaging } from './engine-staging.ts';
import { smallOrg } from './small-org.ts';

export interface SmallCase {
  readonly describe: SObjectDescribe;
  readonly parents?: readonly SObjectDescribe[];
  readonly records: Parameters<typeof smallOrg>[0];
  readonly operation: FieldMapping['operation'];
  readonly matchField?: string | null;
  readonly targets: readonly MappingTarget[];
  readonly rows: readonly (readonly string[])[];
  readonly blankValues?: FieldMapping['blankValues'];
  readonly duplicateKeys?: FieldMapping['duplicateKeys'];
  readonly repeatedBy?: readonly number[];
  /** What was decided of single groups, by their rows. */
  readonly repeatChoices?: readonly { readonly rows: readonly number[]; readonly keep: 'merge' | number }[];
  readonly similar?: FieldMapping['similar'];
  readonly policies?: FieldMapping['policies'];
  /** Places of columns whose values are never overwritten. */
  readonly kept?: readonly number[];
}

const SOURCE_DIGEST = Digest.parse('0'.repeat(64));

export interface SmallResult {
  readonly plan: LoadPlan;
  readonly rows: readonly PlannedRow[];
  readonly soql: readonly string[];
  readonly input: PlanInput;
}

export function to(name: string): MappingTarget {
  return { kind: 'field', field: name };
}

/** Checks and plans small files in this process: the engine and all of the product's SQL are real, only the org is a list. */
export class SmallPlans {
  readonly #folder: string;
  readonly #seen: (sql: string) => void;
  readonly engine: DuckDbEngine;
  readonly staging: InProcessStaging;
  #made = 0;

  private constructor(folder: string, engine: DuckDbEngine, seen: (sql: string) => void) {
    this.#folder = folder;
    this.#seen = seen;
    this.engine = engine;
    this.staging = stagingOver(engine, (sql) => this.#seen(sql));
  }

  static async open(seen: (sql: string) => void = () => undefined): Promise<SmallPlans> {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-plans-'));
    return new SmallPlans(folder, await DuckDbEngine.create(folder), seen);
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #stage(alias: string, rows: SmallCase['rows'], columns: number): Promise<void> {
    await this.engine.createDatabase(alias, join(this.#folder, `${alias}.duckdb`), { columns, joinedRows: 0 });
    const cells = Array.from({ length: columns }, (_, index) => `c${index} VARCHAR`);
    const values = rows.map((row, index) => {
      const texts = Array.from({ length: columns }, (_, at) => quoteText(row[at] ?? ''));
      return `(${index + 1}, ${index + 2}, 0, NULL, NULL, NULL, NULL, ${texts.join(', ')})`;
    });
    const { staged } = tablesOf(alias);
    await this.engine.run(
      `CREATE TABLE ${staged} (row_number INTEGER, line INTEGER, part INTEGER, problem VARCHAR, problem_column INTEGER, original VARCHAR, marks VARCHAR, ${cells.join(', ')});
       INSERT INTO ${staged} VALUES ${values.join(', ')}`,
    );
  }

  /** What a case comes to. `use` sees the plan's database before it goes. */
  async plan(
    small: SmallCase,
    use: (result: SmallResult) => Promise<void> = () => Promise.resolve(),
  ): Promise<SmallResult> {
    const id = String(++this.#made).padStart(16, '0');
    const [sourceId, planId] = [SourceId.parse(`src_${id}`), PlanId.parse(`plan_${id}`)];
    const columns = small.targets.length;
    await this.#stage(sourceId, small.rows, columns);
    const mapping: FieldMapping = {
      objectName: small.describe.name,
      operation: small.operation,
      matchField: small.matchField ?? null,
      columns: small.targets.map((target, column) => ({
        column,
        target,
        reason: 'chosen',
        format: {},
        replacements: {},
        fixes: [],
        ...(small.kept?.includes(column) ? { neverOverwrite: true } : {}),
      })),
      ...(small.repeatedBy ? { repeatedBy: [...small.repeatedBy] } : {}),
      ...(small.repeatChoices
        ? { repeatChoices: RepeatChoices.parse({ source: SOURCE_DIGEST, groups: small.repeatChoices }) }
        : {}),
      ...(small.similar ? { similar: small.similar } : {}),
      ...(small.policies ? { policies: small.policies } : {}),
      blankValues: small.blankValues ?? 'leave',
      duplicateKeys: small.duplicateKeys ?? 'ask',
    };
    const input: PlanInput = {
      planId,
      orgId: OrgId.parse('00D000000000001EAA'),
      source: {
        sourceId,
        alias: sourceId,
        fileName: 'small.csv',
        digest: SOURCE_DIGEST,
        rows: small.rows.length,
        columns: small.targets.map((_, index) => ({ index, name: `Column ${index}` })),
        cleaning: [],
        delimiter: ',',
        writing: { encoding: 'utf-8', mark: false },
      },
      mapping,
      describe: small.describe,
      parents: new Map((small.parents ?? []).map((parent) => [parent.name.toLowerCase(), parent])),
      referenced: small.parents ?? [],
      folder: join(this.#folder, planId),
      now: 0,
      jobBytes: 1_000_000,
      jobsAtOnce: 1,
    };
    const signal = new AbortController().signal;
    const soql: string[] = [];
    const keyPrefixes = new Map([...input.parents].map(([name, { keyPrefix }]) => [name, keyPrefix ?? '']));
    await new ValueChecker(this.staging).check({ ...input, keyPrefixes, timeZone: 'UTC' }, signal, () => undefined);
    const tools = { ...smallOrg(small.records, soql), staging: this.staging };
    const plan = await buildLoadPlan(tools, input, signal, () => undefined);
    const { rows } = await planPage(this.staging, plan, { kind: null, search: '' }, 0, small.rows.length);
    const result = { plan, rows, soql, input };
    await use(result);
    await this.engine.databases.forget(planId);
    await this.engine.databases.forget(sourceId);
    return result;
  }
}
