import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppSettings, DEFAULT_SETTINGS, readSettings } from '../../../shared/domain/settings.ts';
import { Preferences, SETTINGS_KEY } from './preferences.ts';
import { proxyRoutes } from './proxy-routes.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function open(kept: Record<string, unknown> = {}, secretsFail = false) {
  const settings = new Map<string, unknown>(Object.entries(kept));
  const secrets = new Map<string, string>();
  let names = 0;
  const ports = {
    paths: { data: folder },
    random: { token: () => `name${++names}` },
    secrets: {
      get: (name: string) => Promise.resolve(secrets.get(name) ?? null),
      set: (name: string, value: string) =>
        secretsFail
          ? Promise.reject(new Error(`the keyring is locked, and was given ${value}`))
          : Promise.resolve(void secrets.set(name, value)),
      delete: (name: string) => Promise.resolve(void secrets.delete(name)),
    },
    settings: {
      refresh: () => Promise.resolve(),
      get: (key: string) => settings.get(key),
      set: (key: string, value: unknown) => void settings.set(key, value),
      update: (key: string, change: (current: unknown) => unknown) => void settings.set(key, change(settings.get(key))),
    },
  };
  return { preferences: new Preferences(ports), route: proxyRoutes(ports), settings, secrets };
}

test('without any the defaults hold', () => {
  expect(open().preferences.view).toMatchObject({ settings: DEFAULT_SETTINGS, broken: [], lastSweep: null });
});

test('what is changed holds at once, and the rest stays as it was, what another version keeps included', async () => {
  const { preferences, settings } = open({ [SETTINGS_KEY]: { theme: 'dark', fromTheFuture: 1 } });
  await preferences.change({ apiBudgetPercent: 20 });
  expect(preferences.current).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', apiBudgetPercent: 20 });
  expect(settings.get(SETTINGS_KEY)).toEqual({ theme: 'dark', fromTheFuture: 1, apiBudgetPercent: 20 });
});

test.each([
  ['theme', 'pink'],
  ['apiBudgetPercent', 0],
  ['apiBudgetPercent', 'half'],
  ['retentionDays', -1],
  ['proxy', { kind: 'own', address: 'file:///etc/passwd', credentials: null }],
  ['gridRows', null],
])('a kept %s of %j falls back and is named, and the others hold', (name, value) => {
  const { settings, broken } = readSettings({ dates: 'iso', [name]: value });
  expect(broken).toEqual([name]);
  expect(settings).toEqual({ ...DEFAULT_SETTINGS, dates: 'iso' });
});

test.each([null, 'text', [1], 5])('settings that are %j are none', (stored) => {
  expect(readSettings(stored)).toEqual({ settings: DEFAULT_SETTINGS, broken: [] });
});

test('a proxy’s password is a secret: in the vault, and nowhere else', async () => {
  const { preferences, route, settings, secrets } = open();
  const proxy = { kind: 'own', address: 'http://me:w%40rd@proxy.example:8080', credentials: null } as const;
  const view = await preferences.change({ proxy });
  expect(view.settings.proxy).toEqual({ kind: 'own', address: 'http://proxy.example:8080', credentials: 'name1' });
  expect(JSON.stringify([view, [...settings]])).not.toMatch(/w%40rd|w@rd|bWU6/);
  const authorization = `Basic ${Buffer.from('me:w@rd').toString('base64')}`;
  expect(secrets).toEqual(new Map([['proxy-name1', authorization]]));
  expect(await route()).toEqual({ kind: 'own', address: 'http://proxy.example:8080', authorization });
  // The same address keeps it, another one does not take it along.
  await preferences.change({ proxy: { kind: 'own', address: 'http://proxy.example:8080', credentials: null } });
  expect(await route()).toMatchObject({ authorization });
  await preferences.change({ proxy: { kind: 'own', address: 'http://other.example:8080', credentials: null } });
  expect(await route()).toEqual({ kind: 'own', address: 'http://other.example:8080', authorization: null });
  expect(secrets.size).toBe(0);
});

test('a vault that does not take the password is said, without it, and nothing changes', async () => {
  const { preferences } = open({}, true);
  const proxy = { kind: 'own', address: 'http://me:word@proxy.example', credentials: null } as const;
  const refused = await preferences.change({ proxy, theme: 'dark' }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ failure: { code: 'DISK_REFUSED', reason: 'Error' } });
  expect(JSON.stringify(refused)).not.toContain('bWU6');
  expect(preferences.current).toEqual(DEFAULT_SETTINGS);
});

test.each(['proxy.example:8080', 'ftp://proxy.example', 'http://', 'http://a b', 'http://proxy.example/path', ''])(
  '“%s” is no proxy’s address',
  (address) => {
    expect(AppSettings.shape.proxy.safeParse({ kind: 'own', address, credentials: null }).success).toBe(false);
  },
);

test('the place of the data is shown without the person’s name', () => {
  const ports = { paths: { data: join(homedir(), 'Longshore') } } as never;
  const { preferences } = open();
  expect(preferences.view.place).toBe(folder);
  const own = new Preferences({ ...(ports as object), settings: { get: () => undefined } } as never);
  expect(own.view.place).toMatch(/^~[/\\]Longshore$/);
});
