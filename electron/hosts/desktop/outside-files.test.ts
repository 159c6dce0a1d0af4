import { expect, test } from 'vitest';
import { filesIn, OutsideFiles } from './outside-files.ts';

test.each<[string, string[], number, string[]]>([
  ['a packed app', ['/opt/longshore', '/home/ada/a.csv', 'b.csv'], 1, ['/home/ada/a.csv', '/work/b.csv']],
  [
    'one in development, with switches of Chromium’s anywhere',
    ['electron', '--inspect', '.', '--original-process-start-time=1', 'x.tsv', '--no-sandbox'],
    2,
    ['/work/x.tsv'],
  ],
  [
    'one started by a Linux desktop',
    ['/opt/longshore', 'file:///home/ada/Stra%C3%9Fen%201.csv'],
    1,
    ['/home/ada/Straßen 1.csv'],
  ],
  ['one started without files', ['/opt/longshore', '--no-sandbox', ''], 1, []],
])('%s finds the files on its command line', (_what, argv, own, files) => {
  expect(filesIn(argv, own, '/work')).toEqual(files);
});

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
