import { expect, test } from 'vitest';
import { OutsideFiles } from './outside-files.ts';

/** They are handed on in the next round of the event loop. */
const nextRound = () => new Promise((resolve) => setImmediate(resolve));

test('files wait until somebody takes them, and those that come together are taken together', async () => {
  const taken: (readonly string[])[] = [];
  const files = new OutsideFiles();
  files.add(['/a.csv']);
  files.add(['/b.csv']);
  files.goTo((paths) => taken.push(paths));
  await nextRound();
  expect(taken).toEqual([['/a.csv', '/b.csv']]);
  files.add(['/c.csv']);
  await nextRound();
  expect(taken).toEqual([['/a.csv', '/b.csv'], ['/c.csv']]);
});
