import type { MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { LookupCoverage } from '../../../shared/domain/planned-lookup.ts';
import type { Referenced } from '../mapping/parent-describes.ts';
import { fetchCurrentRecords, type FetchRequest } from '../plan/fetch-current-records.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, orgCanonical, tablesOf, type TableShape } from '../tables/tables.ts';
import { ruleField, type CheckInput } from '../validation/rule-field.ts';
import { CountedCalls } from './counted-calls.ts';
import { countKeys, dropScratch, readKeys, type CoverTools, type Place } from './cover-keys.ts';
import { ACTIVE, askedObjects, idRequest, MASTER_RECORD_TYPE, namedWord } from './id-request.ts';

/**
 * How many of the distinct Ids in a column name a record, each looked for among those of its own object (`lookUpIds`); of Ids that
 * no query finds it says nothing. Leaves nothing behind.
 */
export async function coverIds(
  tools: CoverTools,
  input: CheckInput & { readonly referenced: readonly Referenced[] },
  column: MappedColumn,
  { scratch, folder }: Place,
  signal: AbortSignal,
): Promise<LookupCoverage> {
  const { describe, parents, referenced } = input;
  const { alias } = input.source;
  const { named } = tablesOf(alias);
  const field = ruleField(column, describe, parents);
  const calls = new CountedCalls(tools.client);
  const objects = askedObjects(field, referenced);
  try {
    await readKeys(tools, input, column, scratch, signal);
    await tools.staging.until(signal).run(createTable(named(`${scratch}_found`), NAMED));
    const request = (object: Referenced, table: string) => idRequest(field, object, describe, { alias, folder, table });
    const met = await findNamed({ ...tools, client: calls.client }, objects, request, scratch, signal);
    const isKnown = `${IS_ASKED} AND (${['false', ...objects.map(isOf)].join(' OR ')})`;
    const judged = `SELECT v.raw, v.n, CASE WHEN NOT v.usable THEN 'none' WHEN NOT (${isKnown}) THEN 'unasked'
        WHEN f.id IS NULL THEN 'none' WHEN NOT f.active THEN 'inactive' ELSE 'found' END AS verdict
      FROM ${named(`${scratch}_keys`)} v LEFT JOIN ${named(`${scratch}_found`)} f ON f.id = v.key`;
    const words = (met.length > 0 ? met : objects).map((object) => namedWord(field, object, describe));
    return {
      parent: words.join(' or ') || field.label,
      parentField: 'Id',
      ...(await countKeys(tools.staging.until(signal), judged)),
      apiCalls: calls.count,
    };
  } finally {
    await dropScratch(tools, alias, scratch);
  }
}

/** Records that Ids name. */
const NAMED: TableShape = { columns: { id: 'VARCHAR NOT NULL', active: 'BOOLEAN NOT NULL' }, key: null };

/** SQL over a key, as `v`: whether it is an Id that a query may find, and whether it is one of an object's. */
const IS_ASKED = `v.usable AND v.key <> ${quoteText(MASTER_RECORD_TYPE)}`;

function isOf({ keyPrefix }: Referenced): string {
  return `starts_with(v.key, ${quoteText(keyPrefix ?? '')})`;
}

/** Leaves in `<scratch>_found` the records that keys name, and whether they may be used; gives the objects that there are keys of. */
async function findNamed(
  tools: CoverTools,
  objects: readonly Referenced[],
  requestFor: (object: Referenced, table: string) => FetchRequest,
  scratch: string,
  signal: AbortSignal,
): Promise<Referenced[]> {
  const staging = tools.staging.until(signal);
  const met: Referenced[] = [];
  for (const [index, object] of objects.entries()) {
    const request = requestFor(object, `${scratch}_named_${index}`);
    const { named } = tablesOf(request.alias);
    const wanted = `SELECT v.key AS k FROM ${named(`${scratch}_keys`)} v WHERE ${IS_ASKED} AND ${isOf(object)}`;
    const [counted] = await staging.query(`SELECT count(*) AS n FROM (${wanted})`);
    if (Number(counted?.['n'] ?? 0) === 0) continue;
    met.push(object);
    await fetchCurrentRecords(tools, request, wanted, signal, () => undefined);
    const active = request.columns.length > 0 ? `${orgCanonical(ACTIVE)} = 'true'` : 'true';
    await staging.run(`INSERT INTO ${named(`${scratch}_found`)} SELECT id, ${active} FROM ${named(request.table)}`);
  }
  return met;
}
