import { expect, test } from 'vitest';
import { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { keptOrg, notingClock, ORG_ID } from '../test-support/test-orgs.ts';
import { OrgList } from './org-list.ts';

/** Two lists over the same settings are two processes. */
function listsOver(settings: Map<string, unknown>, count: number) {
  const clock = notingClock();
  const store = {
    get: (key: string) => settings.get(key),
    set: (key: string, value: unknown) => void settings.set(key, value),
    update: (key: string, change: (current: unknown) => unknown) => void settings.set(key, change(settings.get(key))),
  };
  return Array.from({ length: count }, () => new OrgList({ settings: store, clock }, () => undefined));
}

const other = OrgId.parse('00D000000000002EAA');

test('what one process changes of one org leaves what another changed of others', () => {
  const { settings } = keptOrg('https://acme.example');
  const [mine, theirs] = listsOver(settings, 2);
  const org = mine?.get(ORG_ID);
  theirs?.put({ ...(org as OrgSummary), orgId: other, name: 'Theirs' });
  mine?.change(ORG_ID, { session: 'expired' });
  expect(settings.get('orgs')).toMatchObject([
    { orgId: ORG_ID, session: 'expired' },
    { orgId: other, name: 'Theirs' },
  ]);
  expect(mine?.all.map(({ orgId }) => orgId)).toEqual([ORG_ID, other]);
  theirs?.remove(ORG_ID);
  mine?.noteUsage(other, 5, 100);
  mine?.flush();
  expect(settings.get('orgs')).toMatchObject([{ orgId: other, apiUsage: { used: 5, max: 100 } }]);
});

test('settings that hold no such list are no orgs', () => {
  const [list] = listsOver(new Map([['orgs', 'garbage']]), 1);
  expect(list?.all).toEqual([]);
  expect(() => list?.get(ORG_ID)).toThrow('ORG_UNKNOWN');
});
