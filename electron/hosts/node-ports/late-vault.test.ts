import { beforeEach, expect, test } from 'vitest';
import type { SecretVault } from '../../backend/ports.ts';
import { lateVault } from './late-vault.ts';
import { memoryVault } from './memory-vault.ts';

/** A keychain that did not answer when it was opened. */

let inKeychain: Map<string, string>;
let locked: boolean;
let now: number;
let answers: PromiseWithResolvers<boolean>[];
let said: number;

beforeEach(() => {
  inKeychain = new Map([
    ['before', 'kept before'],
    ['left', 'signed out of meanwhile'],
  ]);
  locked = false;
  [now, said, answers] = [0, 0, []];
});

const refusing = <T>(value: T): Promise<T> => (locked ? Promise.reject(new Error('locked')) : Promise.resolve(value));

const keychain: SecretVault = {
  get: (name) => refusing(inKeychain.get(name) ?? null),
  set: (name, value) => refusing(null).then(() => void inKeychain.set(name, value)),
  delete: (name) => refusing(null).then(() => void inKeychain.delete(name)),
};

function ask(): Promise<boolean> {
  const answer = Promise.withResolvers<boolean>();
  answers.push(answer);
  return answer.promise;
}

function open() {
  const back = (): void => void said++;
  return lateVault({ keychain, meanwhile: memoryVault(), ask, elapsed: () => now, back }, ask());
}

test('its owner answers at last: it gets what was kept meanwhile, sign-outs too, and is used from then on', async () => {
  const vault = open();
  expect(await vault.get('before')).toBe(null);
  await vault.set('new', 'signed in meanwhile');
  await vault.delete('left');
  expect([...inKeychain.keys()]).toEqual(['before', 'left']);
  answers[0]?.resolve(true);
  await vault.returned;
  expect([...inKeychain]).toEqual([
    ['before', 'kept before'],
    ['new', 'signed in meanwhile'],
  ]);
  expect(await vault.get('before')).toBe('kept before');
  await vault.set('later', 'kept');
  expect(inKeychain.get('later')).toBe('kept');
  expect(said).toBe(1);
});

test('one that refused is asked again when a secret is wanted, not at once and not for each', async () => {
  const vault = open();
  answers[0]?.resolve(false);
  await vault.set('new', 'signed in meanwhile');
  await vault.get('new');
  expect(answers.length).toBe(1);
  now = 30_000;
  const both = Promise.all([vault.get('before'), vault.get('new')]);
  expect(answers.length).toBe(2);
  answers[1]?.resolve(true);
  expect((await both)[1]).toBe('signed in meanwhile');
  expect(await vault.get('before')).toBe('kept before');
  expect(inKeychain.get('new')).toBe('signed in meanwhile');
  now = 60_000;
  await vault.get('new');
  expect(answers.length).toBe(2);
  expect(said).toBe(1);
});

test('one that answers and then takes no sign-out has not come back: it is asked another time', async () => {
  const vault = open();
  await vault.delete('left');
  locked = true;
  answers[0]?.resolve(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await vault.get('left')).toBe(null);
  expect(said).toBe(0);
  locked = false;
  now = 30_000;
  const asked = vault.get('left');
  answers[1]?.resolve(true);
  expect(await asked).toBe(null);
  expect([...inKeychain.keys()]).toEqual(['before']);
  expect(said).toBe(1);
});

test('a secret that the keychain does not take is of use all the same, and moves another time', async () => {
  const vault = open();
  await vault.set('new', 'signed in meanwhile');
  locked = true;
  answers[0]?.resolve(true);
  await vault.returned;
  expect(await vault.get('new')).toBe('signed in meanwhile');
  locked = false;
  expect(await vault.get('new')).toBe('signed in meanwhile');
  expect(inKeychain.get('new')).toBe('signed in meanwhile');
});
