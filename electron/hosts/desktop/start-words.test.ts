import { expect, test } from 'vitest';
import { readStartWords } from './start-words.ts';

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
  expect(readStartWords(argv, { own, workingDirectory: '/work' })).toEqual({ files });
});

const read = (...words: string[]) => readStartWords(['electron', ...words], { own: 2, workingDirectory: '/work' });

test('a data folder is named as for the other hosts, and is no file', () => {
  expect(read('.', '--data', 'trial', 'a.csv')).toEqual({ files: ['/work/a.csv'], data: '/work/trial' });
  expect(read('--data=/srv/long shore', '.', '--no-sandbox')).toEqual({ files: [], data: '/srv/long shore' });
  expect(read('.', '--data', 'one', '--data', 'two')).toEqual({ files: [], data: '/work/two' });
});

test.each([[['--data']], [['--data', '']], [['--data=']], [['--data', ' ', 'a.csv']], [['--data', '--no-sandbox']]])(
  '%j is refused in words',
  (words) => {
    expect(read('.', ...words)).toEqual({ wrong: '--data needs a folder.' });
  },
);
