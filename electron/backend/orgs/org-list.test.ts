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
    refresh: () => Promise.resolve(),
  };
  return Array.from({ length: count }, () => new OrgList({ settings: store, clock }, () => undefined));
}

const other = OrgId.parse('00D000000000002EAA');

test('what one process changes of one org leaves what another changed of others', () => {
  const { settings } = keptOrg('https://acme.example');
  const [mine, theirs] = listsOver(settings, 2);
  const org = mine?.get(ORG_ID);
  theirs?.put({ ...(org as OrgSummary), orgId: other, name: 'Theirs' }, 'theirs', false);
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

test('an org that another process signed out of does not come back', () => {
  const { settings } = keptOrg('https://acme.example');
  const [mine, theirs] = listsOver(settings, 2);
  theirs?.remove(ORG_ID);
  mine?.change(ORG_ID, { session: 'expired' });
  mine?.end(ORG_ID, '');
  mine?.noteUsage(ORG_ID, 5, 100);
  mine?.flush();
  expect(settings.get('orgs')).toEqual([]);
});

test('the end of a session is not the end of one that another process signed in to since', async () => {
  const { settings } = keptOrg('https://acme.example');
  const [mine, theirs] = listsOver(settings, 2);
  theirs?.put(theirs.get(ORG_ID), 'a later sign-in', false);
  mine?.end(ORG_ID, '');
  expect(settings.get('orgs')).toMatchObject([{ session: 'active' }]);
  mine?.end(ORG_ID, 'a later sign-in');
  await theirs?.refresh();
  expect(theirs?.all).toMatchObject([{ session: 'expired' }]);
});

test('what is wrong with a session here is shown here, and kept nowhere', () => {
  const { settings } = keptOrg('https://acme.example');
  const [mine, theirs] = listsOver(settings, 2);
  mine?.trouble(ORG_ID, 'refused');
  mine?.change(ORG_ID, { instanceHost: 'moved.example' });
  expect(mine?.all).toMatchObject([{ session: 'expired', sessionTrouble: 'refused' }]);
  expect(settings.get('orgs')).toMatchObject([{ session: 'active', instanceHost: 'moved.example' }]);
  expect(JSON.stringify(settings.get('orgs'))).not.toContain('refused');
  expect(theirs?.all).toMatchObject([{ session: 'unchecked' }]);
});

test('a session that one process holds for itself is shown there, and leaves what is kept as it is', () => {
  const { settings } = keptOrg('https://acme.example');
  const before = structuredClone(settings.get('orgs'));
  const [mine] = listsOver(settings, 1);
  mine?.put({ ...mine.get(ORG_ID), via: 'token', instanceHost: 'given.example' }, 'given', true);
  expect(mine?.get(ORG_ID)).toMatchObject({ via: 'token', instanceHost: 'given.example', session: 'active' });
  mine?.change(ORG_ID, { instanceHost: 'moved.example' });
  expect(mine?.get(ORG_ID)).toMatchObject({ instanceHost: 'moved.example' });
  mine?.end(ORG_ID, 'given');
  expect(mine?.get(ORG_ID)).toMatchObject({ session: 'expired' });
  expect(settings.get('orgs')).toEqual(before);
  mine?.remove(ORG_ID);
  expect(settings.get('orgs')).toEqual(before);
  expect(mine?.get(ORG_ID)).not.toMatchObject({ via: 'token' });
});

test('an org of a newer version hides no other, and stays as it is', () => {
  const { settings } = keptOrg('https://acme.example');
  const newer = { orgId: other, kind: 'scratch', of: 'tomorrow' };
  settings.set('orgs', [newer, ...(settings.get('orgs') as unknown[])]);
  const [list] = listsOver(settings, 1);
  expect(list?.all).toMatchObject([{ orgId: ORG_ID }]);
  list?.change(ORG_ID, { session: 'expired' });
  expect(settings.get('orgs')).toMatchObject([newer, { orgId: ORG_ID, session: 'expired' }]);
});

test('settings that hold no such list are no orgs', () => {
  const [list] = listsOver(new Map([['orgs', 'garbage']]), 1);
  expect(list?.all).toEqual([]);
  expect(() => list?.get(ORG_ID)).toThrow('ORG_UNKNOWN');
});
