import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { canonicalSql, usualFormSql } from '../match/canonical-sql.ts';
import type { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { chunks } from '../staging/result-chunks.ts';
import type { CanonicalColumn } from '../staging/staging-functions.ts';
import { quoteName } from '../tables/quote.ts';
import { guarded, unguarded } from './guarded-text.ts';

/**
 * Rewrites columns of values as Salesforce returned them, or as they are sent, into canonical form, in place. What is blank
 * stays so, and so does `#N/A`, which says in an upload that a field is cleared and is no value of any type.
 */
export async function canonicaliseColumns(
  engine: DuckDbEngine,
  table: string,
  columns: readonly CanonicalColumn[],
  signal: AbortSignal,
): Promise<void> {
  const inSql: { name: string; form: string }[] = [];
  const others: CanonicalColumn[] = [];
  for (const column of columns) {
    const name = quoteName(column.name);
    const form = canonicalSql(name, column.field);
    if (form === null || column.of !== undefined) others.push(column);
    else inSql.push({ name, form: `CASE WHEN ${name} = '#N/A' THEN ${name} ELSE ${form} END` });
  }
  if (inSql.length > 0) {
    const changes = inSql.map(({ name, form }) => `${name} = ${form}`).join(', ');
    await engine.run(
      `UPDATE ${table} SET ${changes} WHERE ${inSql.map(({ name, form }) => `${name} <> ${form}`).join(' OR ')}`,
      signal,
    );
  }
  for (const column of others) await canonicaliseColumn(engine, table, column, signal);
}

/** Respelt values written at a time. */
const RESPELT = 20_000;

async function canonicaliseColumn(
  engine: DuckDbEngine,
  table: string,
  column: CanonicalColumn,
  signal: AbortSignal,
): Promise<void> {
  const { field } = column;
  const [name, text] = [quoteName(column.name), quoteName(column.of ?? column.name)];
  const fieldType = fieldTypeOf(field);
  const usual = usualFormSql(text, field);
  const isUnusual = column.of === undefined ? `${usual} IS DISTINCT FROM ${text}` : `${usual} IS NULL`;
  await engine.withConnection(signal, async (connection) => {
    await connection.run('CREATE OR REPLACE TEMP TABLE respelt (raw VARCHAR, canonical VARCHAR)');
    const pairs: [string, string][] = [];
    let found = false;
    const flush = async () => {
      if (pairs.length === 0) return;
      found = true;
      const appender = await connection.createAppender('respelt', 'main', 'temp');
      for (const [raw, canonical] of pairs) {
        appender.appendVarchar(raw);
        appender.appendVarchar(canonical);
        appender.endRow();
      }
      appender.closeSync();
      pairs.length = 0;
    };
    await engine.withConnection(signal, async (reading) => {
      const sql = `SELECT DISTINCT ${guarded(text)} FROM ${table} WHERE ${text} NOT IN ('', '#N/A') AND ${isUnusual}`;
      for await (const rows of chunks(reading, sql)) {
        for (const [stored] of rows) {
          const raw = unguarded(stored);
          const canonical = fieldType.canonicalise(raw, field);
          if (canonical !== raw) pairs.push([raw, canonical]);
        }
        if (pairs.length > RESPELT) await flush();
      }
    });
    await flush();
    if (found)
      await connection.run(`UPDATE ${table} SET ${name} = respelt.canonical FROM respelt WHERE ${text} = respelt.raw`);
  });
}
