import { expect, test } from 'vitest';
import { keptOrg, ORG_ID } from '../test-support/test-orgs.ts';
import { StoredSession } from './org-session.ts';
import { SessionVault } from './session-vault.ts';

const NAME = `org-session-${ORG_ID}`;
const SESSION = StoredSession.parse(JSON.parse(keptOrg('https://acme.example').secrets.get(NAME) ?? ''));

function vaultOf(secrets: Map<string, string>, fails: { get?: Error; set?: Error } = {}) {
  return new SessionVault({
    get: (name) => (fails.get ? Promise.reject(fails.get) : Promise.resolve(secrets.get(name) ?? null)),
    set: (name, value) => (fails.set ? Promise.reject(fails.set) : Promise.resolve(void secrets.set(name, value))),
    delete: (name) => Promise.resolve(void secrets.delete(name)),
  });
}

test.each([
  ['cut off', JSON.stringify(SESSION).slice(0, 40), 'damaged'],
  ['of another shape', '{"version":1,"token":"x"}', 'damaged'],
  ['no JSON', '\u0000\u0001', 'damaged'],
  ['of a newer version', JSON.stringify({ ...SESSION, version: 2 }), 'newer'],
])('a secret that is %s is said, and kept aside at the next sign-in', async (_name, secret, trouble) => {
  const secrets = new Map([[NAME, secret]]);
  const vault = vaultOf(secrets);
  expect(await vault.load(ORG_ID)).toMatchObject({ kind: 'trouble', trouble });
  expect(secrets.get(NAME), 'looking changes nothing').toBe(secret);
  expect(await vault.replace(ORG_ID, SESSION)).toBe(true);
  expect(secrets.get(`${NAME}.aside`)).toBe(secret);
  expect(await vault.load(ORG_ID)).toEqual({ kind: 'kept', session: SESSION });
});

test('a session kept by an earlier version, without a number, is read', async () => {
  expect(await vaultOf(new Map([[NAME, JSON.stringify(SESSION)]])).load(ORG_ID)).toEqual({
    kind: 'kept',
    session: SESSION,
  });
});

test('a keychain that is locked or denies access is said with its own code and never its message', async () => {
  const locked = Object.assign(new Error(`no access to ${SESSION.accessToken}`), { code: 'GenericFailure' });
  expect(await vaultOf(new Map(), { get: locked }).load(ORG_ID)).toEqual({
    kind: 'trouble',
    trouble: 'refused',
    reason: 'GenericFailure',
  });
});

test('a sign-in that no keychain takes works until the process ends, with its renewals', async () => {
  const secrets = new Map<string, string>();
  const vault = vaultOf(secrets, { set: new Error('locked') });
  expect(await vault.replace(ORG_ID, SESSION)).toBe(false);
  await vault.save(ORG_ID, { ...SESSION, accessToken: 'renewed' });
  expect(await vault.load(ORG_ID)).toMatchObject({ session: { accessToken: 'renewed' } });
  expect(secrets.size).toBe(0);
});
