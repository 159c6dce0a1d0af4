import { mappedColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import {
  dropFetched,
  fetchCurrentRecords,
  RecordImporter,
  type FetchRequest,
  type FetchTools,
} from '../plan/fetch-current-records.ts';
import { selectRecords, whereClause } from '../plan/record-request.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { canonical, orgCanonical, orgText, sent, tablesOf } from '../tables/tables.ts';
import type { Side } from './find-matches.ts';
import type { MatchingItem, MatchingRule } from './matching-rule.ts';

/** A field that rules compare. */
export interface ComparedField {
  readonly field: FieldDescribe;
  /** Of a reference to one kind of record: that, and the field of its name. */
  readonly parent: { readonly describe: SObjectDescribe; readonly name: FieldDescribe } | null;
  /** Whether the parent's name stands for the reference, as where it is compared like a company's. */
  readonly byName: boolean;
}

/** Describes of parents by their objects' names. */
type DescribeOf = (objectName: string) => Promise<SObjectDescribe>;

/** The parent of a field that leads to one kind of record only, and the field of its name; null for any other. */
export async function parentOf(field: FieldDescribe, describeOf: DescribeOf): Promise<ComparedField['parent']> {
  const [parentObject, ...others] = field.type === 'reference' ? field.referenceTo : [];
  if (parentObject === undefined || others.length > 0) return null;
  const describe = await describeOf(parentObject);
  const name = describe.fields.find((one) => one.nameField);
  return name ? { describe, name } : null;
}

/** The fields of rules; null where one of them can't be worked out here. */
export async function comparedFields(
  rules: readonly MatchingRule[],
  stored: StoredPlan,
  describeOf: DescribeOf,
): Promise<ComparedField[] | null> {
  const items = new Map<string, MatchingItem>();
  for (const { items: own } of rules) for (const item of own) items.set(item.field, item);
  const compared: ComparedField[] = [];
  for (const { field: name, method } of items.values()) {
    const field = fieldNamed(stored.describe, name);
    if (!field) return null;
    const byName = field.type === 'reference' && method !== 'Exact';
    const parent = await parentOf(field, describeOf);
    if (!parent && (byName || columnOf(stored, field)?.target.kind === 'lookup')) return null;
    compared.push({ field, parent, byName });
  }
  return compared;
}

/** Every field that rows fill, for rules of which it is not known what they compare. */
export async function filledFields(stored: StoredPlan, describeOf: DescribeOf): Promise<ComparedField[]> {
  const filled: ComparedField[] = [];
  for (const { target } of mappedColumns(stored.plan.mapping)) {
    const field = fieldNamed(stored.describe, target.field);
    const parent = field && target.kind === 'lookup' ? await parentOf(field, describeOf) : null;
    if (field && (target.kind !== 'lookup' || parent)) filled.push({ field, parent, byName: false });
  }
  return filled;
}

export function columnOf({ plan: { mapping } }: StoredPlan, field: FieldDescribe): MappedColumn | undefined {
  return mappedColumns(mapping).find(({ target }) => target.field === field.name);
}

/** Requests that make tables in a plan's database, which `dropFetched` takes away. */
const requestFor = (
  stored: StoredPlan,
  folder: string,
  table: string,
): Omit<FetchRequest, 'objectName' | 'keyField' | 'columns'> => ({
  alias: stored.plan.planId,
  table,
  folder,
  stamp: null,
  wantsDeleted: false,
  condition: null,
});

/** The rows of a plan that would be created, as rules compare them and as the org is asked about them. */
export class PlanRows {
  readonly #tools: FetchTools;
  readonly #stored: StoredPlan;
  readonly #folder: string;
  readonly #prefix: string;
  readonly #which: string;
  readonly #requests: FetchRequest[] = [];
  /** Parents whose names stand for rows' references, each joined as `f<place>`. */
  readonly #parents: { readonly place: number; readonly join: string }[] = [];
  /** By field, over `side`: SQL of the text that is compared, and of the one that is sent. */
  readonly #values = new Map<string, { readonly compared: string; readonly sent: string }>();

  /** `prefix` begins the names of its tables; `which` is SQL over the rows `p` of `planned`. */
  constructor(tools: FetchTools, stored: StoredPlan, folder: string, prefix = 'rule', which = "p.kind = 'insert'") {
    this.#prefix = prefix;
    this.#which = which;
    this.#tools = tools;
    this.#stored = stored;
    this.#folder = folder;
  }

  get #relation(): string {
    const { planned, mapped } = tablesOf(this.#stored.plan.planId);
    const columns = this.#parents.map(
      ({ place }) =>
        `, coalesce(f${place}.name, '') AS rule_name_${place}, coalesce(f${place}.id, '') AS rule_id_${place}`,
    );
    return `(SELECT m.*${columns.join('')} FROM ${planned} p JOIN ${mapped} m USING (row_number)
      ${this.#parents.map(({ join }) => join).join(' ')} WHERE ${this.#which})`;
  }

  /** Reads the names of the parents that rows name, by their ids or by the field that the mapping finds them by. */
  async read(compared: readonly ComparedField[], signal: AbortSignal): Promise<void> {
    for (const [place, { field, parent, byName }] of compared.entries()) {
      const column = columnOf(this.#stored, field);
      if (!column) continue;
      // A row that names a parent by its id needs nothing of it but its name.
      const led = parent && (byName || column.target.kind === 'lookup') ? parent : null;
      const own = `side.${canonical(column.column)}`;
      const text = `CASE WHEN side.${sent(column.column)} = '#N/A' THEN '' ELSE ${own} END`;
      const found = led && (await this.#parent(place, column, led, signal));
      this.#values.set(
        field.name,
        found ? { compared: byName ? found.name : found.id, sent: found.id } : { compared: text, sent: text },
      );
    }
  }

  async #parent(
    place: number,
    column: MappedColumn,
    parent: NonNullable<ComparedField['parent']>,
    signal: AbortSignal,
  ): Promise<{ name: string; id: string }> {
    const key = column.target.kind === 'lookup' ? column.target.parentField : 'Id';
    const keyField = fieldNamed(parent.describe, key);
    if (!keyField) throw new Error(`${parent.describe.name} has no field ${key}`);
    const request: FetchRequest = {
      ...requestFor(this.#stored, this.#folder, `${this.#prefix}_parent_${place}`),
      objectName: parent.describe.name,
      keyField,
      columns: [{ column: 0, path: parent.name.name, field: parent.name }],
    };
    this.#requests.push(request);
    const { named } = tablesOf(this.#stored.plan.planId);
    const value = canonical(column.column);
    const keys = `SELECT side.${value} AS k FROM ${this.#relation} side`;
    await fetchCurrentRecords(this.#tools, request, keys, signal, () => undefined);
    const found = `(SELECT k, any_value(${orgText(0)}) AS name, any_value(id) AS id FROM ${named(request.table)} GROUP BY k)`;
    this.#parents.push({
      place,
      join: `LEFT JOIN ${found} f${place} ON f${place}.k = ${foldKeySql(`m.${value}`, keyField)}`,
    });
    return { name: `side.rule_name_${place}`, id: `side.rule_id_${place}` };
  }

  side(): Side {
    return {
      relation: this.#relation,
      key: 'side.row_number',
      recordId: 'NULL',
      value: (field) => this.#values.get(field)?.compared ?? null,
    };
  }

  /** SQL of the rows with what the org is asked by, `f0` and so on in the order of `fields`. */
  asked(only: string): { readonly sql: string; readonly fields: readonly string[] } {
    const values = [...this.#values];
    const columns = values.map(([, { sent: sql }], place) => `${sql} AS f${place}`);
    return {
      sql: `SELECT side.row_number${columns.map((column) => `, ${column}`).join('')} FROM ${this.#relation} side WHERE ${only} ORDER BY side.row_number`,
      fields: values.map(([field]) => field),
    };
  }

  async drop(): Promise<void> {
    for (const request of this.#requests) await dropFetched(this.#tools, request);
  }
}

/** Every record of the object with the fields that rules compare, in the plan's database. */
export class OrgRecords {
  readonly #tools: FetchTools;
  readonly #request: FetchRequest;
  readonly #compared: readonly ComparedField[];

  /** `among` names the table, and says in SOQL which records there are; all of them if it does not. */
  constructor(
    tools: FetchTools,
    stored: StoredPlan,
    folder: string,
    compared: readonly ComparedField[],
    among: { readonly table: string; readonly condition: string | null } = { table: 'rule_record', condition: null },
  ) {
    const keyField = fieldNamed(stored.describe, 'Id');
    if (!keyField) throw new Error(`${stored.describe.name} has no Id`);
    this.#tools = tools;
    this.#compared = compared;
    this.#request = {
      ...requestFor(stored, folder, among.table),
      condition: among.condition,
      objectName: stored.describe.name,
      keyField,
      columns: compared.map(({ field, parent, byName }, column) => {
        const name = byName ? parent?.name : undefined;
        return {
          column,
          path: name ? `${field.relationshipName ?? ''}.${name.name}` : field.name,
          field: name ?? field,
        };
      }),
    };
  }

  /** `progress` hears how many came so far. */
  async read(signal: AbortSignal, progress: (records: number) => void): Promise<void> {
    const importer = new RecordImporter(this.#tools, this.#request, signal, progress);
    await importer.begin();
    await importer.bulkQuery(selectRecords(this.#request) + whereClause(this.#request));
    await importer.finish('');
  }

  side(): Side {
    const place = (name: string): number => this.#compared.findIndex(({ field }) => field.name === name);
    return {
      relation: tablesOf(this.#request.alias).named(this.#request.table),
      key: 'side.id',
      recordId: 'side.id',
      value: (field) => (place(field) < 0 ? null : `side.${orgCanonical(place(field))}`),
    };
  }

  drop(): Promise<void> {
    return dropFetched(this.#tools, this.#request);
  }
}
