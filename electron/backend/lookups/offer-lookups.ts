import { FailureError } from '../../../shared/contract/failure.ts';
import type { LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import { canFindBy, isMatchField, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { foldKey } from '../../../shared/match/fold-key.ts';
import { trimEdges } from '../../../shared/match/white-space.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { soqlLiteral, textAt } from '../plan/record-request.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { cell, tablesOf } from '../tables/tables.ts';

/** Different values of a column that are tried, drawn from rows of the whole file. */
const TRIED = 20;
const SAMPLE_ROWS = 2000;
/** A column is offered a lookup when at least two of its values, and most of them, find a record. */
const LEAST_FOUND = 2;
const LEAST_SHARE = 0.6;
/** REST takes a URI of 16,384 bytes; percent-encoding can triple a quoted key. */
const QUERY_KEYS_BYTES = 3500;
/** Columns that are read for it: the first of a very wide file, so that nobody waits for the others. */
const MOST_COLUMNS = 60;
/** Queries for all columns together: what is not asked by then is not offered. */
const MOST_CALLS = 8;

/** A field that is filled by a parent, and one of the parent's that no two of its records share. */
interface Way {
  readonly field: FieldDescribe;
  readonly parent: SObjectDescribe;
  readonly parentField: FieldDescribe;
}

/** One column tried by one way: its values as keys, and as SOQL writes them. */
interface Trial {
  readonly column: number;
  readonly way: Way;
  readonly keys: readonly string[];
  readonly literals: readonly string[];
}

const NUMBERS: ReadonlySet<string> = new Set(['int', 'long', 'double', 'currency', 'percent']);

/** Whether a value could be one of the field's: what can't is not asked about. */
function couldBe(text: string, { type, length, name }: FieldDescribe): boolean {
  if (NUMBERS.has(type)) return /^\d{1,18}(?:\.\d+)?$/.test(text);
  if (type === 'email' || name === 'Username') return text.includes('@') && text.length <= 128;
  return type === 'string' && text.length > 1 && (length === 0 || text.length <= length);
}

/** The lookups that could be filled by a unique field of their parent, those that lead to one object first. */
function waysOf(describe: SObjectDescribe, parents: ReadonlyMap<string, SObjectDescribe>): Way[] {
  const lookups = describe.fields.filter(({ type, createable, updateable }) => {
    return type === 'reference' && (createable || updateable);
  });
  return lookups
    .sort((a, b) => a.referenceTo.length - b.referenceTo.length)
    .flatMap((field) =>
      field.referenceTo.flatMap((name): Way[] => {
        const parent = parents.get(name.toLowerCase());
        if (!parent?.queryable) return [];
        const unique = parent.fields.filter((one) => {
          return one.type !== 'id' && one.type !== 'reference' && canFindBy(one) && (one.unique || isMatchField(one));
        });
        return unique.map((parentField) => ({ field, parent, parentField }));
      }),
    );
}

async function valuesOf(sql: StagingSql, { alias, rows }: StagedSource, column: number): Promise<string[]> {
  const { staged } = tablesOf(alias);
  const text = cell(column);
  const step = Math.max(1, Math.floor(rows / SAMPLE_ROWS));
  const found = await sql.query(
    `SELECT DISTINCT ${text} AS t FROM ${staged} WHERE problem IS NULL AND ${text} <> '' AND row_number % ${step} = 0 ORDER BY hash(t), t LIMIT ${TRIED}`,
  );
  return [...new Set(found.map((row) => trimEdges(textOf(row, 't'))))].filter((value) => value !== '');
}

function trialOf(column: number, values: readonly string[], way: Way): Trial[] {
  const { parentField } = way;
  const usable = values.filter((value) => couldBe(value, parentField));
  if (usable.length < LEAST_FOUND || usable.length / values.length < LEAST_SHARE) return [];
  const canonical = usable.map((value) => fieldTypeOf(parentField).canonicalise(value, parentField));
  const literals = canonical.map((value) => soqlLiteral(value, parentField));
  return [{ column, way, keys: canonical.map((value) => foldKey(value, parentField)), literals }];
}

interface Query {
  readonly parent: SObjectDescribe;
  /** Fields with the values that are asked for in them. */
  readonly asked: Map<string, { field: FieldDescribe; literals: Set<string> }>;
  bytes: number;
}

/** As few queries as hold all trials: of one object all its fields and columns together. */
function queriesOf(trials: readonly Trial[]): Query[] {
  const queries: Query[] = [];
  for (const { way, literals } of trials) {
    const { parent, parentField } = way;
    const bytes = literals.reduce((sum, literal) => sum + literal.length + 1, parentField.name.length + 10);
    let query = queries.findLast((one) => one.parent === parent);
    if (!query || query.bytes + bytes > QUERY_KEYS_BYTES) {
      query = { parent, asked: new Map(), bytes: 0 };
      queries.push(query);
    }
    const asked = query.asked.get(parentField.name) ?? { field: parentField, literals: new Set() };
    for (const literal of literals) asked.literals.add(literal);
    query.asked.set(parentField.name, asked);
    query.bytes += bytes;
  }
  return queries.slice(0, MOST_CALLS);
}

/** What was found, as `Object.Field key`. */
async function ask(client: Pick<OrgClient, 'query'>, query: Query, found: Set<string>, signal: AbortSignal) {
  const { parent, asked } = query;
  const fields = [...asked.values()];
  const where = fields.map(({ field, literals }) => `${field.name} IN (${[...literals].join(',')})`).join(' OR ');
  const soql = `SELECT ${fields.map(({ field }) => field.name).join(', ')} FROM ${parent.name} WHERE ${where} LIMIT 2000`;
  try {
    for (const record of await client.query(soql, signal)) {
      for (const { field } of fields) {
        const value = textAt(record, field.name);
        if (value === '') continue;
        found.add(`${parent.name}.${field.name} ${foldKey(fieldTypeOf(field).canonicalise(value, field), field)}`);
      }
    }
  } catch (error) {
    // An object that does not let itself be asked so has nothing to offer; the mapping goes on without it.
    if (!(error instanceof FailureError) || error.failure.code !== 'ORG_REFUSED') throw error;
  }
}

/**
 * Lookups that columns may be meant for by their values: most of a sample of them stand in a unique field of an object that a lookup of
 * `describe` leads to. All of each column's, the best first; `apiCalls` are those for all columns.
 */
export async function offerLookups(
  { client, sql }: { readonly client: Pick<OrgClient, 'query'>; readonly sql: StagingSql },
  source: StagedSource,
  { describe, parents }: { readonly describe: SObjectDescribe; readonly parents: ReadonlyMap<string, SObjectDescribe> },
  columns: readonly number[],
  signal: AbortSignal,
): Promise<{ offers: LookupOffer[]; apiCalls: number }> {
  const ways = waysOf(describe, parents);
  const trials: (Trial & { values: number })[] = [];
  for (const column of ways.length === 0 ? [] : columns.slice(0, MOST_COLUMNS)) {
    const values = await valuesOf(sql, source, column);
    for (const way of ways)
      trials.push(...trialOf(column, values, way).map((trial) => ({ ...trial, values: values.length })));
  }
  const queries = queriesOf(trials);
  const found = new Set<string>();
  for (const query of queries) await ask(client, query, found, signal);
  const offers = trials.flatMap(({ column, way, keys, values }): LookupOffer[] => {
    const { field, parent, parentField } = way;
    const hits = keys.filter((key) => found.has(`${parent.name}.${parentField.name} ${key}`)).length;
    if (hits < LEAST_FOUND || hits / values < LEAST_SHARE) return [];
    const to = { field: field.name, parentObject: parent.name, parentField: parentField.name };
    return [{ column, ...to, parent: parent.label, parentFieldLabel: parentField.label, tried: values, found: hits }];
  });
  offers.sort((a, b) => a.column - b.column || b.found - a.found);
  return { offers, apiCalls: queries.length };
}
