import { expect, test } from 'vitest';
import { bridgeEnd, type BridgeLine } from './context-bridge.ts';

/** Two ends of one line, on which everything is cloned as it is between two worlds of a page. */
function twoWorlds(): { preload: ReturnType<typeof bridgeEnd>; page: Record<string, never> } {
  const hear: Record<string, (message: unknown) => void> = {};
  const line = (here: string, there: string): BridgeLine => ({
    send: (message) => hear[there]?.(structuredClone(message)),
    listen: (listener) => {
      hear[here] = listener;
    },
  });
  const page = {};
  bridgeEnd(line('main', 'preload'), 'm', page);
  return { preload: bridgeEnd(line('preload', 'main'), 'p', {}), page };
}

test('functions are proxied and called at once, also those that come back and those that are handed over', async () => {
  const { preload, page } = twoWorlds();
  const heard: unknown[] = [];
  preload.exposeInMainWorld('api', {
    twice: (n: number) => n * 2,
    later: async (n: number) => Promise.resolve({ n }),
    fails: () => Promise.reject(new RangeError('too far')),
    subscribe: (listener: (value: unknown) => void) => {
      listener({ at: new Date(0) });
      return () => heard.push('off');
    },
  });
  const api = page['api'] as unknown as {
    twice(n: number): number;
    later(n: number): Promise<unknown>;
    fails(): Promise<unknown>;
    subscribe(listener: (value: unknown) => void): () => void;
  };
  expect(api.twice(21)).toBe(42);
  expect(await api.later(3)).toEqual({ n: 3 });
  await expect(api.fails()).rejects.toThrow(new Error('too far'));
  api.subscribe((value) => heard.push(value))();
  expect(heard).toEqual([{ at: new Date(0) }, 'off']);
});

test('what is exposed is copied and frozen, without prototypes and symbols; errors keep their message only', () => {
  const { preload, page } = twoWorlds();
  class Secret {
    value = 1;
    method(): number {
      return this.value;
    }
  }
  const source = { list: [1, { deep: true }], secret: new Secret(), symbol: Symbol('s'), map: new Map([[1, 2]]) };
  preload.exposeInMainWorld('api', {
    ...source,
    throws: () => {
      throw Object.assign(new TypeError('no'), { token: 'secret' });
    },
  });
  const api = page['api'] as unknown as typeof source & { throws(): void };
  expect(api).toMatchObject({
    list: [1, { deep: true }],
    secret: { value: 1 },
    symbol: undefined,
    map: new Map([[1, 2]]),
  });
  expect(Object.getPrototypeOf(api.secret)).toBe(Object.prototype);
  expect('method' in api.secret).toBe(false);
  expect([api, api.list, api.list[1], api.secret].every((part) => Object.isFrozen(part))).toBe(true);
  source.list.push(2);
  expect(api.list).toHaveLength(2);
  const error = (() => {
    try {
      api.throws();
      return null;
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toEqual(new Error('no'));
  expect(error).not.toHaveProperty('token');
});

test('what can’t be cloned, lies too deep or is exposed twice is refused', () => {
  const { preload } = twoWorlds();
  expect(() => preload.exposeInMainWorld('weak', { set: new WeakSet() })).toThrow(/could not be cloned/);
  const deep: Record<string, unknown> = {};
  deep['self'] = deep;
  expect(() => preload.exposeInMainWorld('deep', deep)).toThrow(/recursion depth exceeded/);
  preload.exposeInMainWorld('api', {});
  expect(() => preload.exposeInMainWorld('api', {})).toThrow(/on top of an existing property/);
});
