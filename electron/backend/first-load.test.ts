import { readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { FieldMapping, Operation } from '../../shared/domain/field-mapping.ts';
import { totalOf } from '../../shared/domain/load-results.ts';
import { startBackend, type TestBackend } from './test-support/start-backend.ts';
import { startBench } from './test-support/start-bench.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

const { org, app, orgId } = await startBench();

async function csv(name: string, text: string): Promise<string> {
  const path = join(app.data, name);
  await writeFile(path, text);
  return path;
}

async function plan(
  path: string,
  objectName: string,
  operation: Operation,
  change: (mapping: FieldMapping) => FieldMapping = (same) => same,
) {
  const { sourceId } = await app.stage(path);
  const suggested = await app.call('mapping.suggest', { orgId, sourceId, objectName, operation, useSaved: false });
  const mapping = change(suggested);
  return app.call('plan.build', { orgId, sourceId, mapping });
}

async function load(
  path: string,
  objectName: string,
  operation: Operation,
  change?: (mapping: FieldMapping) => FieldMapping,
) {
  const built = await plan(path, objectName, operation, change);
  const { loadId } = await app.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  return app.finished(loadId);
}

async function savedFile(
  loadId: Parameters<TestBackend['finished']>[0],
  file: 'success' | 'error' | 'unprocessed',
): Promise<string[][]> {
  await app.call('report.save', { loadId, file, spreadsheetSafe: false });
  return Papa.parse<string[]>((await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).trimEnd()).data;
}

test('an upsert of 5,000 accounts: every row has exactly one outcome, in file order, with all its cells', async () => {
  const source = await app.stage(example('accounts.csv'));
  expect(source.state).toMatchObject({ kind: 'staged', rows: 5000, problemRows: 2 });
  expect(await app.call('mapping.guessObject', { orgId, sourceId: source.sourceId })).toMatchObject({
    objectName: 'Account',
  });
  const built = await plan(example('accounts.csv'), 'Account', 'upsert');
  expect(built.counts).toEqual({
    insert: 2983,
    update: 844,
    delete: 0,
    undelete: 0,
    leftOut: 0,
    unchanged: 1136,
    duplicate: 1,
    blocked: 36,
  });
  const { rows } = await app.call('plan.page', {
    planId: built.planId,
    kind: 'update',
    search: '',
    offset: 0,
    limit: 5,
  });
  for (const row of rows) {
    expect(
      row.kind === 'update' && row.changes.length > 0 && row.changes.every((change) => change.old !== change.new),
    ).toBe(true);
  }
  const { loadId } = await app.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  const done = await app.finished(loadId);
  expect(done.counts).toMatchObject({
    created: 2983,
    updated: 844,
    unchanged: 1136,
    repeated: 1,
    skipped: 36,
    failed: 0,
    unknown: 0,
    unprocessed: 0,
  });
  expect(totalOf(done.counts)).toBe(5000);

  const original = Papa.parse<string[]>(await readFile(example('accounts.csv'), 'utf8')).data;
  const errors = await savedFile(loadId, 'error');
  expect(errors[0]).toEqual(['sf__Id', 'sf__Error', ...(original[0] ?? [])]);
  expect(errors).toHaveLength(37);
  // The two rows that could not be read come back with their original text, the stray cell included.
  const stray = errors.find((row) => row.at(-1) === 'stray');
  expect(stray?.slice(2)).toEqual(original[1500]);
  const keys = errors.slice(1).map((row) => original.findIndex((cells) => cells.join() === row.slice(2).join()));
  expect(keys, 'file order').toEqual([...keys].sort((a, b) => a - b));
  expect(keys.every((index) => index > 0)).toBe(true);
  expect(await savedFile(loadId, 'success')).toHaveLength(1 + 2983 + 844);

  const again = await plan(example('accounts.csv'), 'Account', 'upsert');
  expect(again.counts, 'what was loaded is now unchanged').toMatchObject({ insert: 0, update: 0, unchanged: 4963 });
  await expect(app.call('load.start', { planId: built.planId, planDigest: built.planDigest })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'used' },
  });
  await expect(app.call('load.start', { planId: again.planId, planDigest: built.planDigest })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'digest' },
  });
  await expect(app.call('load.start', { planId: again.planId, planDigest: again.planDigest })).rejects.toMatchObject({
    failure: { code: 'PLAN_EMPTY' },
  });
});

test('contacts with lookups by external id: a missing parent keeps its rows home (V29)', async () => {
  const built = await plan(example('contacts.csv'), 'Contact', 'upsert');
  expect(built.mapping.columns.find(({ target }) => target.kind === 'lookup')?.target).toMatchObject({
    parentObject: 'Account',
    parentField: 'ERP_Id__c',
  });
  expect(built.counts.blocked).toBe(8);
  const { rows } = await app.call('plan.page', {
    planId: built.planId,
    kind: 'blocked',
    search: '',
    offset: 0,
    limit: 10,
  });
  expect(rows.every((row) => row.kind === 'blocked' && row.issues[0]?.code === 'LOOKUP_NOT_FOUND')).toBe(true);
  const { loadId } = await app.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  const done = await app.finished(loadId);
  expect(done.counts).toMatchObject({ failed: 0, skipped: 8 });
  expect(totalOf(done.counts)).toBe(1200);
});

test('a semicolon-separated Windows-1252 file with German headers, dates and money', async () => {
  const source = await app.stage(example('kunden.csv'));
  expect(source.parts[0]?.format).toMatchObject({ encoding: 'windows-1252', delimiter: ';' });
  const built = await plan(example('kunden.csv'), 'Account', 'upsert');
  expect(built.counts).toMatchObject({ insert: 800, blocked: 0 });
  const { rows } = await app.call('plan.page', {
    planId: built.planId,
    kind: 'insert',
    search: '',
    offset: 0,
    limit: 1,
  });
  const values = rows[0]?.kind === 'insert' ? rows[0].values : [];
  expect(values.find(({ field }) => field === 'BillingStreet')?.value).toMatch(
    /Königsallee|Hauptstraße|Gänsemarkt|Mühlenweg/,
  );
  expect(values.find(({ field }) => field === 'AnnualRevenue')?.value).toMatch(/^\d+000$/);
  expect(values.find(({ field }) => field === 'Customer_Since__c')?.value).toMatch(/^20\d\d-\d\d-\d\d$/);
});

test('result files are in the encoding of their source, and in UTF-8 where it has not every letter or is set to', async () => {
  const saved = async (name: string) => {
    const path = join(app.data, `${name}.csv`);
    await writeFile(path, Buffer.from(`Last Name;Email\nMüller;kein Postfach\nAda;ada@shore.example\n`, 'latin1'));
    const { loadId } = await load(path, 'Contact', 'insert');
    const before = app.saved.length;
    await app.call('report.save', { loadId, file: 'error', spreadsheetSafe: false });
    return readFile(app.saved[before]?.path ?? '');
  };
  expect((await saved('latin')).toString('latin1')).toContain('Müller');
  await app.call('settings.change', { resultFiles: 'utf-8' });
  expect((await saved('marked')).toString('utf8')).toMatch(/^\ufeffsf__Id;sf__Error;Last Name;Email\n.*Müller/);
  await app.call('settings.change', { resultFiles: 'as-source' });
  const { sourceId } = await app.stage(join(app.data, 'latin.csv'));
  await app.call('source.edit', { sourceId, cells: [{ row: 1, column: 0, value: 'Müller 🚒' }] });
  const before = app.saved.length;
  await app.call('source.save', { sourceId });
  const cleaned = await readFile(app.saved[before]?.path ?? '', 'utf8');
  expect(cleaned).toMatch(/^\ufeffLast Name;Email\nMüller 🚒;/);
});

test('an insert finds identical and re-serialised rows again in shuffled results', async () => {
  const rows = Array.from(
    { length: 400 },
    (_, n) => `Deal ${n % 3},Prospecting,2026-0${1 + (n % 9)}-15,${912260031 + (n % 5)}.50,${n}`,
  );
  const done = await load(
    await csv('deals.csv', `Opportunity Name,Stage,Close Date,Amount,Note\n${rows.join('\n')}\n`),
    'Opportunity',
    'insert',
  );
  expect(done.counts).toMatchObject({ created: 400, failed: 0, unknown: 0 });
  const ids = (await savedFile(done.loadId, 'success')).slice(1).map((row) => row[0]);
  expect(new Set(ids).size).toBe(400);
});

test('an update by Id, then a delete by Id', async () => {
  const [first, second] = (
    await savedFile(
      (
        await load(
          await csv('new.csv', 'Berth Name,Berth Code,Depth\nOne,NEW-1,9.5\nTwo,NEW-2,10\n'),
          'Berth__c',
          'upsert',
        )
      ).loadId,
      'success',
    )
  ).slice(1);
  const [a = '', b = ''] = [first?.[0], second?.[0]];
  const updated = await load(
    await csv('update.csv', `Id,Depth__c\n${a.slice(0, 15)},11.25\n${b},10.00\n001000000000000AAA,5\n`),
    'Berth__c',
    'update',
  );
  expect(updated.counts, '10.00 is 10, and an account is no berth').toMatchObject({
    updated: 1,
    unchanged: 1,
    skipped: 1,
  });
  const deleted = await load(await csv('delete.csv', `Id\n${a}\n${b}\na02PR0000000ZZZ\n`), 'Berth__c', 'delete');
  expect(deleted.counts).toMatchObject({ deleted: 2, skipped: 1 });
});

test('blank cells leave fields alone, #N/A clears them, and blanks clear only where the person says so', async () => {
  const keep = await plan(
    await csv('blank.csv', 'ERP_Id__c,Phone,Fax\nERP-100001,,\nERP-100002,#N/A,\n'),
    'Account',
    'upsert',
  );
  expect(keep.counts).toMatchObject({ unchanged: 1, update: 1 });
  const { rows } = await app.call('plan.page', {
    planId: keep.planId,
    kind: 'update',
    search: '',
    offset: 0,
    limit: 1,
  });
  expect(rows[0]).toMatchObject({ changes: [{ field: 'Phone', new: '', cleared: true }] });
  const clear = await plan(
    await csv('blank2.csv', 'ERP_Id__c,Phone\nERP-100001,\nERP-100003,\n'),
    'Account',
    'upsert',
    (mapping) => ({ ...mapping, blankValues: 'clear' }),
  );
  expect(clear.counts).toMatchObject({ update: 2 });
});

test('rows that the org itself refuses carry its own words into the error file', async () => {
  const done = await load(
    await csv('heavy.csv', 'Tracking_Code__c,Account__r.ERP_Id__c,Weight__c\nX-1,ERP-100001,5\nX-2,ERP-100001,-5\n'),
    'Shipment__c',
    'upsert',
  );
  expect(done.counts).toMatchObject({ created: 1, failed: 1 });
  const errors = await savedFile(done.loadId, 'error');
  expect(errors[1]?.slice(0, 3)).toEqual([
    '',
    'FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --',
    'X-2',
  ]);
  const report = await app.call('report.get', { loadId: done.loadId });
  expect(report.errorGroups).toMatchObject([
    { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: 'Weight__c', rows: 1 },
  ]);
  const [reason] = report.errorGroups;
  const ofReason = { loadId: done.loadId, kinds: [], offset: 0, limit: 10 };
  const theirs = await app.call('report.page', { ...ofReason, ...(reason ? { reason } : {}) });
  expect(theirs.rows.map(({ kind, error }) => [kind, error.split(':')[0]])).toEqual([
    ['failed', 'FIELD_CUSTOM_VALIDATION_EXCEPTION'],
  ]);
  expect(theirs.total).toBe(1);
  const others = { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: 'Name' };
  expect((await app.call('report.page', { ...ofReason, reason: others })).total).toBe(0);
});

test('records changed in the org after the review stop the load before it sends anything (R36)', async () => {
  const path = await csv('drift.csv', 'ERP_Id__c,Fax\nERP-100010,+1 555 0100\n');
  const reviewed = await plan(path, 'Account', 'upsert');
  await load(await csv('other.csv', 'ERP_Id__c,Fax\nERP-100010,+1 555 0199\n'), 'Account', 'upsert');
  await expect(
    app.call('load.start', { planId: reviewed.planId, planDigest: reviewed.planDigest }),
  ).rejects.toMatchObject({ failure: { code: 'PLAN_STALE', why: 'drift', rows: 1 } });
});

test('a mapping is remembered for its object and headers, without the values of the file', async () => {
  const { sourceId } = await app.stage(await csv('remember.csv', 'ERP_Id__c,Site text\nERP-100001,x\n'));
  const suggested = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Account',
    operation: 'upsert',
    useSaved: false,
  });
  const columns = suggested.columns.map((column) =>
    column.column === 1
      ? {
          ...column,
          target: { kind: 'field' as const, field: 'Site' },
          reason: 'chosen' as const,
          replacements: { x: 'y' },
          fixes: [{ kind: 'fill' as const, text: 'Head office' }],
        }
      : column,
  );
  await app.call('mapping.save', { orgId, sourceId, mapping: { ...suggested, columns } });
  const saved = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Account',
    operation: 'upsert',
    useSaved: true,
  });
  expect(saved.columns[1]).toMatchObject({
    target: { field: 'Site' },
    reason: 'saved',
    replacements: { x: 'y' },
    fixes: [{ kind: 'fill', text: 'Head office' }],
  });
});

test('no token is in the log, the settings, an event or an answer', async () => {
  const orgs = await app.call('orgs.list', {});
  const everything = JSON.stringify([app.events, app.log, orgs]);
  expect(everything).not.toMatch(/00D\w{12,15}!|5Aep861/);
});

test('after a restart an org whose token was not kept is shown as ended, and signing in again is all it takes', async () => {
  const settings = new Map<string, unknown>();
  const before = await startBackend(org, { settings });
  await before.call('orgs.signIn', { target: { kind: 'practice' } });
  await before.close();
  const after = await startBackend(org, { settings });
  expect(await after.call('orgs.list', {})).toMatchObject([{ session: 'expired' }]);
  await expect(after.call('orgs.objects', { orgId })).rejects.toMatchObject({
    failure: { code: 'ORG_SESSION_EXPIRED' },
  });
  await after.call('orgs.signIn', { target: { kind: 'practice' } });
  expect(await after.call('orgs.list', {})).toMatchObject([{ session: 'active' }]);
  expect((await after.call('orgs.objects', { orgId })).length).toBeGreaterThan(5);
  await after.close();
});

test('a gzipped file and a ZIP with one file in it are read as what is inside, and loaded', async () => {
  const text = (prefix: string) =>
    `Name;Berth_Code__c\n${Array.from({ length: 500 }, (_all, n) => `Kai ${n} – Süd;${prefix}-${n}`).join('\n')}\n`;
  const gz = join(app.data, 'berths.csv.gz');
  await writeFile(gz, gzipSync(text('GZ')));
  const { sourceId } = await app.stage(gz);
  const summary = await app.call('source.get', { sourceId });
  expect(summary.notices).toContainEqual({ code: 'UNPACKED', packing: 'gzip', inside: null });
  expect(summary.notices).toContainEqual({ code: 'DELIMITER_DETECTED', delimiter: ';' });
  expect(summary.state).toMatchObject({ kind: 'staged', rows: 500, problemRows: 0 });
  const done = await load(gz, 'Berth__c', 'upsert');
  expect(done.counts.created).toBe(500);
  const damaged = join(app.data, 'half.csv.gz');
  await writeFile(
    damaged,
    gzipSync(
      randomBytes(600_000)
        .toString('hex')
        .replace(/(.{40})/g, '$1,\n'),
    ).subarray(0, 400_000),
  );
  expect((await app.stage(damaged)).state).toMatchObject({
    kind: 'refused',
    failure: { code: 'FILE_ARCHIVE', problem: 'damaged' },
  });
});

test('rows are loaded as they were cleaned and typed over; the steps are kept for the next file with these headers', async () => {
  const text = (code: string) =>
    `Name,Berth_Code__c,Coordinates\n  Kai ${code} ,${code}-1,54.3 N/10.1 E\nSüd,${code}-2,\n`;
  const { sourceId } = await app.stage(await csv('clean.csv', text('CL')));
  await app.call('source.clean', {
    sourceId,
    steps: [
      { kind: 'trim', columns: [0] },
      { kind: 'change-case', columns: [0], to: 'upper' },
      { kind: 'split', column: 2, separator: '/', names: ['Latitude', 'Longitude'] },
    ],
  });
  await app.call('source.edit', { sourceId, cells: [{ row: 2, column: 0, value: 'Typed' }] });
  const mapping = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Berth__c',
    operation: 'upsert',
    useSaved: false,
  });
  expect(mapping.columns).toHaveLength(5);
  const built = await app.call('plan.build', { orgId, sourceId, mapping });
  const { loadId } = await app.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  expect((await app.finished(loadId)).counts.created).toBe(2);
  const success = await savedFile(loadId, 'success');
  expect(success.map((row) => row.slice(2))).toEqual([
    ['Name', 'Berth_Code__c', 'Coordinates', 'Latitude', 'Longitude'],
    ['KAI CL', 'CL-1', '54.3 N/10.1 E', '54.3 N', '10.1 E'],
    ['Typed', 'CL-2', '', '', ''],
  ]);
  const exported = await app.call('export.query', {
    orgId,
    soql: "SELECT Name FROM Berth__c WHERE Berth_Code__c LIKE 'CL-%' ORDER BY Berth_Code__c",
    fileName: 'berths.csv',
  });
  expect(exported.records).toBe(2);
  expect((await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).trim().split('\n').slice(1)).toEqual([
    '"KAI CL"',
    '"Typed"',
  ]);

  const next = await app.stage(await csv('next.csv', text('CM')));
  expect(next.cleaning).toHaveLength(3);
  expect(next.notices).toContainEqual({ code: 'CLEANING_KEPT', steps: 3 });
  expect(next.columns).toHaveLength(5);
});
