import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Files with what a person reads. Decision records and the changelog tell of what was said before. */
const DOCUMENTS = ['README.md', ...listed('docs', /\.md$/)];
const CODE = [
  ...listed('shared/text', /(?<!\.test)\.ts$/),
  ...listed('renderer', /\.tsx$/),
  ...listed('electron/hosts/cli', /(?<!\.test)\.ts$/),
];
const GLOSSARY = 'docs/glossary.md';

function listed(folder: string, name: RegExp): string[] {
  return readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path}`)
    .filter((path) => name.test(path) && !path.includes('decisions'));
}

function textOf(path: string): string {
  return readFileSync(`${ROOT}/${path}`, 'utf8');
}

/** The glossary's second table: what is said, and what is not. */
function wordList(): { say: string; not: string }[] {
  const [, table = ''] = textOf(GLOSSARY).split('## One word for one thing');
  return table.split('\n').flatMap((line) => {
    const [, say = '', not = ''] = line.split('|').map((cell) => cell.trim());
    return line.startsWith('|') && !/^(?:say|-+)$/.test(say)
      ? not.split(', ').map((phrase) => ({ say, not: phrase.toLowerCase() }))
      : [];
  });
}

/** What of code a person reads: its strings and its JSX, without comments, tests' words and the names of codes. */
function readable(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<!:)\/\/.*$/gm, '');
}

/** Lines in which a phrase stands as words of their own, not as a part of a name. */
function linesWith(text: string, phrase: string): string[] {
  return text.split('\n').filter((line) => {
    const at = line.toLowerCase().indexOf(phrase);
    if (at < 0) return false;
    const [before, after] = [line.slice(0, at), line.slice(at + phrase.length)];
    return !/[\w'.-]$/.test(before) && !/^(?:[\w':=(-]|\.\w)/.test(after);
  });
}

test('the list is read', () => {
  expect(wordList()).toContainEqual({ say: 'not sent', not: 'stays home' });
  expect(wordList().length).toBeGreaterThan(10);
  expect(CODE.length).toBeGreaterThan(60);
});

test('a phrase is found where it stands, and not in names', () => {
  expect(linesWith('<p>These rows stay home.</p>', 'stay home')).toHaveLength(1);
  expect(linesWith("case 'errored': counts.errored", 'errored')).toHaveLength(0);
});

test.each(wordList())('“$not” is nowhere: it is “$say”', ({ not }) => {
  const found = [
    ...DOCUMENTS.map((path) => [path, path === GLOSSARY ? (textOf(path).split('## One word')[0] ?? '') : textOf(path)]),
    ...CODE.map((path) => [path, readable(textOf(path))]),
  ].flatMap(([path = '', text = '']) => linesWith(text, not).map((line) => `${path}: ${line.trim()}`));
  expect(found).toEqual([]);
});
