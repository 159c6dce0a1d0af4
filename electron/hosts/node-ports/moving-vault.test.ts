import { expect, test } from 'vitest';
import { movingVault } from './moving-vault.ts';

function vaultOf(secrets: Map<string, string>, unreadable = '') {
  return {
    get: (name: string) =>
      name === unreadable ? Promise.reject(new Error('other key')) : Promise.resolve(secrets.get(name) ?? null),
    set: (name: string, value: string) => Promise.resolve(void secrets.set(name, value)),
    delete: (name: string) => Promise.resolve(void secrets.delete(name)),
  };
}

test('each secret moves when it is first wanted, and is then in one place', async () => {
  const [from, to] = [new Map([['one', 'of old']]), new Map([['two', 'of new']])];
  const vault = movingVault(vaultOf(from), vaultOf(to));
  expect(await vault.get('one')).toBe('of old');
  expect(await vault.get('two')).toBe('of new');
  expect(await vault.get('three')).toBe(null);
  expect([[...from], [...to]]).toEqual([
    [],
    [
      ['two', 'of new'],
      ['one', 'of old'],
    ],
  ]);
});

test('one that the new vault does not take is of use all the same, and is not lost', async () => {
  const from = new Map([['one', 'of old']]);
  const locked = { ...vaultOf(new Map()), set: () => Promise.reject(new Error('locked')) };
  expect(await movingVault(vaultOf(from), locked).get('one')).toBe('of old');
  expect([...from.keys()]).toEqual(['one']);
});

test('one that the old vault can’t read costs itself only, stays there, and gives way to a new one', async () => {
  const [from, to] = [
    new Map([
      ['one', '?'],
      ['two', 'of old'],
    ]),
    new Map<string, string>(),
  ];
  const vault = movingVault(vaultOf(from, 'one'), vaultOf(to));
  await expect(vault.get('one')).rejects.toThrow('other key');
  expect(await vault.get('two')).toBe('of old');
  expect([...from.keys()]).toEqual(['one']);
  await vault.set('one', 'signed in again');
  expect(from.size).toBe(0);
  expect(to.get('one')).toBe('signed in again');
});
