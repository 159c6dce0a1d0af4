import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Input, Output } from '../../../shared/contract/procedures.ts';
import { failureOf } from '../test-support/test-orgs.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '300']);
beforeEach(() => org.faults([]));

type Enriched = Omit<Output<'enrich.file'>, 'file'> & { lines: string[] };

async function enrich(text: string, request: Partial<Input<'enrich.file'>> = {}): Promise<Enriched> {
  const path = join(app.data, 'keys.csv');
  await writeFile(path, text);
  const { sourceId } = await app.stage(path);
  const { file, ...counts } = await app.call('enrich.file', {
    orgId,
    sourceId,
    column: 0,
    objectName: 'Account',
    keyField: 'Id',
    fields: ['Name', 'Owner.Name'],
    fileName: 'with-fields.csv',
    ...request,
  });
  expect(file).toMatchObject({ kind: 'saved' });
  return { ...counts, lines: (await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).trimEnd().split('\n') };
}

async function accounts(): Promise<{ Id: string; Name: string; ERP_Id__c: string | null; Owner: { Name: string } }[]> {
  const soql = 'SELECT Id, Name, ERP_Id__c, Owner.Name FROM Account WHERE ERP_Id__c <> null ORDER BY Id DESC LIMIT 40';
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await answer.json()) as { records: never }).records;
}

test('fields stand beside each key, in file order; keys not found are blank and counted', async () => {
  const known = await accounts();
  const [first, second] = known;
  if (!first || !second) throw new Error('no accounts');
  const missing = '001PR00000ZZZZZYAA';
  const noId = '001PR0000099999AAA';
  const { lines, ...counts } = await enrich(
    `Account;Note\n${second.Id.slice(0, 15)};short\n${missing};gone\n${noId};no Id\n;blank\n${first.Id};x\n${second.Id};"again; ""quoted"""\n`,
  );
  expect(counts).toMatchObject({ rows: 6, found: 3, notFound: 2, several: 0, blank: 1 });
  const row = ({ Name, Owner }: typeof first) => `1;${Name};${Owner.Name}`;
  expect(lines).toEqual([
    'sf__Found;Name;Owner.Name;Account;Note',
    `${row(second)};${second.Id.slice(0, 15)};short`,
    `0;;;${missing};gone`,
    `0;;;${noId};no Id`,
    ';;;;blank',
    `${row(first)};${first.Id};x`,
    `${row(second)};${second.Id};"again; ""quoted"""`,
  ]);
});

test('keys of an external Id find what the org finds by them, in any case', async () => {
  const [one] = await accounts();
  const key = one?.ERP_Id__c ?? '';
  const { lines, found } = await enrich(`Note,Key\na,${key.toLowerCase()}\nb,${key}\n`, {
    column: 1,
    keyField: 'ERP_Id__c',
    fields: ['Id'],
  });
  expect(found).toBe(2);
  expect(lines.slice(1)).toEqual([`1,${one?.Id ?? ''},a,${key.toLowerCase()}`, `1,${one?.Id ?? ''},b,${key}`]);
});

test('a key that several records have is told, and none of them is chosen', async () => {
  for (const id of [1, 2])
    await fetch(`${org.url}/services/data/v66.0/sobjects/Account`, {
      method: 'POST',
      headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ Name: 'Twins of the quay', Fax: String(id) }),
    });
  const { lines, ...counts } = await enrich('Name\nTwins of the quay\nNobody of this name\n', {
    keyField: 'Name',
    fields: ['Fax'],
  });
  expect(counts).toMatchObject({ found: 0, several: 1, notFound: 1 });
  expect(lines.slice(1)).toEqual(['2,,Twins of the quay', '0,,Nobody of this name']);
});

test('what is no key field or no column is refused, and a fetch that fails leaves no file', async () => {
  const before = app.saved.length;
  expect(await failureOf(enrich('Key\na\n', { keyField: 'Description' }))).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await failureOf(enrich('Key\na\n', { column: 7 }))).toMatchObject({ code: 'BAD_REQUEST' });
  await org.faults([
    {
      path: '/query',
      every: 1,
      action: {
        kind: 'answer',
        status: 400,
        contentType: 'application/json',
        body: '[{"errorCode":"INVALID_FIELD","message":"no"}]',
      },
    },
  ]);
  expect(await failureOf(enrich('Key\nx\n', { keyField: 'ERP_Id__c' }))).toMatchObject({ code: 'ORG_REFUSED' });
  expect(app.saved).toHaveLength(before);
});
