import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { DEFAULT_MERGE_RULES, type MergeRules, type MergeSnapshot } from '../../../shared/domain/merge.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { startBench } from '../test-support/start-bench.ts';
import { sweepMerges } from './sweep-merges.ts';

const { org, app, orgId } = await startBench(['--records', '3', '--person-accounts']);
const records = recordsOf(org);

const plan = (objectName: string, rules: MergeRules = DEFAULT_MERGE_RULES) =>
  app.call('merge.plan', { orgId, objectName, source: { kind: 'resembling' }, rules });

async function groupsOf({ mergeId }: MergeSnapshot) {
  return (await app.call('merge.page', { mergeId, state: null, offset: 0, limit: 50 })).groups;
}

async function settled(mergeId: MergeSnapshot['mergeId']): Promise<MergeSnapshot> {
  let merge = await app.call('merge.get', { mergeId });
  await expect
    .poll(async () => (merge = await app.call('merge.get', { mergeId })).state, { timeout: 20_000 })
    .not.toMatch(/merging|undoing/);
  return merge;
}

const person = (more: object) => ({
  FirstName: 'Adelheid',
  LastName: 'Quistgaard',
  PersonEmail: 'adelheid@quistgaard.example',
  Phone: '+45 33 12 34 56',
  ...more,
});
const company = (more: object) => ({
  Name: 'Quistgaard Shipping ApS',
  Website: 'https://www.quistgaard-shipping.example',
  Phone: '+45 33 99 88 77',
  BillingCity: 'Odense',
  ...more,
});

test('persons are looked for among person accounts and companies among the others; what is done is told, kept as a file, and swept in time', async () => {
  const persons = [
    await records.create('Account', person({})),
    await records.create('Account', person({ FirstName: 'Adelheit', Fax: '77', Phone: '' })),
  ];
  const companies = [
    await records.create('Account', company({})),
    await records.create('Account', company({ Name: 'Quistgaard Shipping', Fax: '=1+1' })),
  ];
  app.events.length = 0;
  const planned = await plan('Account', { ...DEFAULT_MERGE_RULES, fields: { Fax: 'master' } });
  const groups = await groupsOf(planned);
  const own = groups.map(({ members }) => members.map(({ id }) => id).sort());
  expect(own).toEqual(expect.arrayContaining([[...persons].sort(), [...companies].sort()]));
  const stages = app.events.flatMap((event) => (event.topic === 'work' ? [event.work] : []));
  expect(new Set(stages.map(({ sourceId }) => sourceId))).toEqual(new Set([orgId]));
  expect(new Set(stages.map(({ stage }) => stage))).toEqual(
    new Set(['fetching', 'preparing', 'learning', 'pairing', 'comparing', 'reading']),
  );

  // One field goes by a rule of its own, whatever the others do.
  const fields = await app.call('merge.fields', { mergeId: planned.mergeId });
  expect(fields).toContainEqual({ name: 'Fax', label: expect.stringContaining('Fax') as string });
  const faxOf = (all: typeof groups) =>
    all
      .find(({ members }) => members.some(({ id }) => id === companies[0]))
      ?.fields.find(({ field }) => field === 'Fax')?.new;
  expect(faxOf(groups)).toBeNull();
  const { mergeId } = await app.call('merge.decide', {
    mergeId: planned.mergeId,
    rules: { ...planned.rules, fields: { Fax: 'fill' } },
  });
  expect(faxOf(await groupsOf(planned))).toBe('=1+1');
  const { planDigest } = await app.call('merge.get', { mergeId });
  await app.call('merge.start', { mergeId, planDigest, acceptApiUse: true });
  const merged = await settled(mergeId);
  expect(merged.state).toBe('merged');

  await app.call('merge.save', { mergeId });
  const text = await readFile(app.saved.at(-1)?.path ?? '', 'utf8');
  const { data } = Papa.parse<Record<string, string>>(text.replace('\ufeff', '').trim(), { header: true });
  expect(data).toHaveLength(merged.counts.records);
  const master = data.find((line) => line['Record ID'] === companies[0]);
  expect(master).toMatchObject({ Part: 'Master', Outcome: 'Merged' });
  expect(master?.['Values changed in the master']).toContain('(blank) → =1+1');
  expect(data.find((line) => line['Record ID'] === companies[1])).toMatchObject({ Part: 'Merged into the master' });

  // Those that were touched lately stay, and those that are paused or at work.
  const folder = join(app.data, 'merges', mergeId);
  const ports = {
    paths: { data: app.data },
    clock: { now: () => Date.now() },
    log: { error: () => undefined, info: () => undefined },
  } as never;
  expect(await sweepMerges(ports, 1)).toBe(0);
  const long = new Date(Date.now() - 40 * 86_400_000);
  for (const name of await readdir(folder)) await utimes(join(folder, name), long, long);
  // Made just now by its own word.
  expect(await sweepMerges(ports, 30)).toBe(0);
  const later = { ...(ports as object), clock: { now: () => Date.now() + 40 * 86_400_000 } } as never;
  expect(await sweepMerges(later, 30)).toBe(1);
  await expect(app.call('merge.get', { mergeId })).rejects.toMatchObject({ failure: { code: 'MERGE_UNKNOWN' } });
  expect(await readdir(app.data)).not.toContain('removed-merges');
}, 60_000);
