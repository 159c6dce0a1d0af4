import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { ReadOnlyOrgs } from './read-only-orgs.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;
let orgId: OrgId;

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '5']);
  app = await startBackend(org);
  ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
});
afterEach(() => org.faults([]));
afterAll(async () => {
  await app.close();
  org.stop();
});

test('the org tells of the user, their permissions, itself, its limits and its release', async () => {
  const facts = await app.call('org.about', { orgId });
  expect(facts).toMatchObject({
    user: {
      kind: 'read',
      value: { name: 'Ada Admin', username: 'admin@practice.example', profile: 'System Administrator' },
    },
    permissions: {
      kind: 'read',
      value: {
        ApiEnabled: true,
        BulkApiHardDelete: false,
        CreateAuditFields: false,
        UpdateWithInactiveOwner: false,
        ModifyAllData: true,
      },
    },
    organization: {
      kind: 'read',
      value: { name: 'Practice org', edition: 'Developer Edition', isSandbox: false, instance: 'PR0', trialEnds: null },
    },
    limits: {
      kind: 'read',
      value: { DailyBulkApiBatches: { max: 15_000 }, DataStorageMB: { max: 1024, remaining: 1023 } },
    },
    version: { kind: 'read', value: { used: '66.0', newest: '67.0', release: "Summer '26" } },
  });
});

/** A field gone from an object, as in an org without the feature; back again when the work is done. */
async function without(object: string, field: string, work: () => Promise<void>): Promise<void> {
  await org.faults([{ path: 'userinfo', nth: 1, action: { kind: 'remove-field', object, field } }]);
  try {
    await work();
  } finally {
    await org.admin('POST', '/reset');
    ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  }
}

test('a permission that the org has not is none, and hides no other', () =>
  without('UserPermissionAccess', 'PermissionsCreateAuditFields', async () => {
    // The field goes with this call, whatever its own queries find.
    await app.call('org.about', { orgId });
    expect((await app.call('org.about', { orgId })).permissions).toMatchObject({
      kind: 'read',
      value: { CreateAuditFields: null, ApiEnabled: true, ModifyAllData: true },
    });
  }));

test('what the org does not tell says why, and the rest is there', async () => {
  await org.faults([
    {
      path: 'limits',
      every: 1,
      action: { kind: 'status', status: 403, errorCode: 'FUNCTIONALITY_NOT_ENABLED', message: 'Not here' },
    },
    { path: 'query', every: 1, action: { kind: 'status', status: 400, errorCode: 'INVALID_TYPE', message: 'No' } },
  ]);
  const facts = await app.call('org.about', { orgId });
  expect(facts.limits).toMatchObject({
    kind: 'unread',
    why: expect.stringContaining('FUNCTIONALITY_NOT_ENABLED') as string,
  });
  expect(facts.permissions).toMatchObject({ kind: 'unread', why: expect.stringContaining('INVALID_TYPE') as string });
  expect(facts.version.kind).toBe('read');
});

test('a session that has ended is said of the whole page', async () => {
  await org.faults([{ path: 'limits', every: 1, action: { kind: 'revoke-everything' } }]);
  const other = await startBackend(org);
  try {
    const { orgId: own } = await other.call('orgs.signIn', { target: { kind: 'practice' } });
    await expect(other.call('org.about', { orgId: own })).rejects.toMatchObject({
      failure: { code: 'ORG_SESSION_EXPIRED' },
    });
  } finally {
    await other.close();
    await org.faults([]);
    ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  }
});

const kinds: [string, object, OrgSummary['kind']][] = [
  ['a Developer Edition is for developing', {}, 'developer'],
  ['a sandbox', { isSandbox: true, organizationType: 'Enterprise Edition' }, 'sandbox'],
  ['a scratch org', { isSandbox: true, trialExpirationDate: '2099-01-01T00:00:00Z' }, 'sandbox'],
  ['an Enterprise Edition', { organizationType: 'Enterprise Edition' }, 'production'],
  [
    'a trial becomes production',
    { organizationType: 'Enterprise Edition', trialExpirationDate: '2099-01-01T00:00:00Z' },
    'production',
  ],
];
test.each(kinds)('what an org is: %s', async (_name, knobs, kind) => {
  const plain = { isSandbox: false, organizationType: 'Developer Edition', trialExpirationDate: null };
  await org.admin('PATCH', '/knobs', { ...plain, ...knobs });
  const other = await startBackend(org);
  try {
    expect(
      await other.call('orgs.signIn', { target: { kind: 'custom', loginUrl: org.url }, clientId: 'x' }),
    ).toMatchObject({ kind });
  } finally {
    await other.close();
    await org.admin('PATCH', '/knobs', plain);
  }
});

test('an org that does not say what it is counts as production', () =>
  without('Organization', 'IsSandbox', async () => {
    const other = await startBackend(org);
    try {
      const signIn = () => other.call('orgs.signIn', { target: { kind: 'custom', loginUrl: org.url }, clientId: 'x' });
      expect(await signIn()).toMatchObject({ kind: 'production', name: new URL(org.url).host });
    } finally {
      await other.close();
    }
  }));

test('whoever asks for the orgs while one is signed out of is told without it', async () => {
  await org.faults([{ path: '/services/oauth2/revoke', every: 1, action: { kind: 'delay', milliseconds: 300 } }]);
  const signedOut = app.call('orgs.signOut', { orgId });
  expect(await app.call('orgs.list', {})).toEqual([]);
  await signedOut;
  await org.faults([]);
  ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  expect(await app.call('orgs.list', {})).toMatchObject([{ orgId }]);
});

test('read-only is seen by every backend on the folder, told to windows, and outlives signing out', async () => {
  const told = app.waitFor((event) => (event.topic === 'read-only' ? event.orgIds : null));
  expect(await app.call('org.setReadOnly', { orgId, readOnly: true })).toEqual([orgId]);
  expect(await told).toEqual([orgId]);
  await app.call('orgs.signOut', { orgId });
  ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  await expect(new ReadOnlyOrgs({ data: app.data }).refuse(orgId, 'Here')).rejects.toMatchObject({
    failure: { code: 'ORG_READ_ONLY', org: 'Here' },
  });
  expect(await app.call('org.setReadOnly', { orgId, readOnly: false })).toEqual([]);
  await new ReadOnlyOrgs({ data: app.data }).refuse(orgId, 'Here');
});

test('read-only holds for every user of the org', async () => {
  await app.call('org.setReadOnly', { orgId, readOnly: true });
  app.signInAs('standard@practice.example');
  const other = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  app.signInAs('admin@practice.example');
  expect(other.orgId).not.toBe(orgId);
  await expect(new ReadOnlyOrgs({ data: app.data }).refuse(other.orgId, 'Here')).rejects.toMatchObject({
    failure: { code: 'ORG_READ_ONLY' },
  });
  expect(await app.call('org.setReadOnly', { orgId: other.orgId, readOnly: false })).toEqual([]);
});

test('where it can’t be found out whether an org is read-only, it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-read-only-'));
  try {
    // A name with a null byte is refused before the disk is asked: no ENOENT, and no permission bits that root ignores.
    await expect(new ReadOnlyOrgs({ data: `${folder}\0` }).refuse(orgId, 'Here')).rejects.toMatchObject({
      failure: { code: 'ORG_READ_ONLY' },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
