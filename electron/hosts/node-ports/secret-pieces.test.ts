import { expect, test } from 'vitest';
import { random } from './system.ts';
import { inPieces } from './secret-pieces.ts';

/** Windows' Credential Manager, as far as its limit goes. */
function shortEntries(kept: Map<string, string>, failAfter = Infinity) {
  let writes = 0;
  return {
    get: (name: string) => Promise.resolve(kept.get(name) ?? null),
    set: (name: string, value: string) => {
      if (value.length * 2 > 2560) return Promise.reject(new Error('TooLong'));
      if (++writes > failAfter) return Promise.reject(new Error('killed'));
      kept.set(name, value);
      return Promise.resolve();
    },
    delete: (name: string) => Promise.resolve(void kept.delete(name)),
  };
}

test('a secret that is longer than an entry is kept whole, and nothing is left of it afterwards', async () => {
  const kept = new Map<string, string>();
  const vault = inPieces(shortEntries(kept), random);
  const long = 'aé'.repeat(2000);
  await vault.set('org', long);
  expect(await vault.get('org')).toBe(long);
  await vault.set('org', 'b'.repeat(1201));
  expect(await vault.get('org')).toBe('b'.repeat(1201));
  expect(kept.size).toBe(3);
  await vault.set('org', 'short');
  expect([...kept]).toEqual([['org', 'short']]);
  await vault.set('org', long);
  await vault.delete('org');
  expect(kept.size).toBe(0);
});

test('a process that is killed while it keeps a long secret leaves the one before', async () => {
  const kept = new Map<string, string>();
  await inPieces(shortEntries(kept), random).set('org', 'before'.repeat(500));
  await expect(inPieces(shortEntries(kept, 2), random).set('org', 'after'.repeat(500))).rejects.toThrow('killed');
  expect(await inPieces(shortEntries(kept), random).get('org')).toBe('before'.repeat(500));
});

test('a piece that is gone makes a secret that is damaged, and not one that is not there', async () => {
  const kept = new Map<string, string>();
  const vault = inPieces(shortEntries(kept), random);
  await vault.set('org', 'x'.repeat(3000));
  kept.delete([...kept.keys()].find((name) => name.endsWith('.1')) ?? '');
  expect((await vault.get('org'))?.length).toBe(1800);
});
