import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Activity } from './activity.ts';
import type { BackendConnection } from './connection.ts';
import { Reach } from './reach.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A backend whose calls are answered when the test says so. */
function slowBackend() {
  const answers: (() => void)[] = [];
  const connection: BackendConnection = {
    reach: new Reach(),
    desk: null,
    subscribe: () => () => undefined,
    handOver: () => Promise.reject(new Error('not here')),
    call: () => new Promise((resolve) => answers.push(() => resolve([] as never))),
  };
  return { connection, answer: () => answers.shift()?.() };
}

test('a call shows a sign of life within 200 ms, for as long as any takes', async () => {
  const activity = new Activity();
  const { connection, answer } = slowBackend();
  const watched = activity.watch(connection);
  const told: boolean[] = [];
  activity.subscribe(() => told.push(activity.isShown()));
  const calls = [watched.call('load.list', {}), watched.call('source.recent', {})];
  await vi.advanceTimersByTimeAsync(50);
  expect(activity.isShown()).toBe(false);
  await vi.advanceTimersByTimeAsync(149);
  expect(activity.isShown()).toBe(true);
  answer();
  await calls[0];
  expect(activity.isShown()).toBe(true);
  answer();
  await calls[1];
  expect(told).toEqual([true, true, true, false]);
});

test('what is answered at once, or waits for a person, shows nothing', async () => {
  const activity = new Activity();
  const { connection, answer } = slowBackend();
  const watched = activity.watch(connection);
  const quick = watched.call('load.list', {});
  answer();
  await quick;
  const choosing = watched.call('source.choose', {});
  await vi.advanceTimersByTimeAsync(60_000);
  expect(activity.isShown()).toBe(false);
  answer();
  await choosing;
});
