import { expect, test } from 'vitest';
import { bulkHeader } from '../../../shared/domain/field-mapping.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { practiceDescribes, readHeaderSets, type HeaderSet } from '../test-support/mapping-corpus.ts';
import { scoreObjects } from './score-objects.ts';
import { suggestMapping } from './suggest-mapping.ts';

const PRECISION = 0.99;
const RECALL = 0.93;
const OBJECT_RIGHT = 0.95;

const DESCRIBES = practiceDescribes();
const CANDIDATES = [...DESCRIBES.values()].filter(({ createable, name }) => createable && !name.endsWith('__e'));
const PREFIXES = new Map([...DESCRIBES.values()].map(({ name, keyPrefix }) => [name.toLowerCase(), keyPrefix ?? '']));
const PARENTS = new Map([...DESCRIBES].map(([name, describe]) => [name.toLowerCase(), describe]));

function guess(set: HeaderSet) {
  const columns = set.columns.map(({ header }, index) => ({ index, name: header }));
  const examples = set.columns.map((column) => column.examples);
  const ranked = scoreObjects(CANDIDATES, PREFIXES, columns, examples, set.fileName);
  const own = ranked.find(({ objectName }) => objectName === set.object);
  const mapping = suggestMapping(
    DESCRIBES.get(set.object) as SObjectDescribe,
    PARENTS,
    columns,
    examples,
    own?.operation ?? 'insert',
  );
  return {
    ranked,
    targets: mapping.columns.map(({ target }) => (target.kind === 'ignored' ? null : bulkHeader(target))),
  };
}

function measure(sets: readonly HeaderSet[]) {
  let mapped = 0;
  let right = 0;
  let wanted = 0;
  let objects = 0;
  const misses: string[] = [];
  for (const set of sets) {
    const { ranked, targets } = guess(set);
    if (ranked[0]?.objectName === set.object) objects += 1;
    else
      misses.push(
        `${set.id}: object ${ranked
          .slice(0, 3)
          .map(({ objectName, score }) => `${objectName} ${score.toFixed(2)}`)
          .join(', ')}; not ${set.object}`,
      );
    set.columns.forEach((column, at) => {
      const target = targets[at] ?? null;
      const hit = target !== null && column.right.includes(target);
      if (target !== null) mapped += 1;
      if (hit) right += 1;
      if (column.right.length > 0 && (!column.optional || hit)) wanted += 1;
      if (target !== null ? !hit : column.right.length > 0 && !column.optional) {
        misses.push(
          `${set.id}: "${column.header}" → ${target ?? 'nothing'}, not ${column.right.join('/') || 'nothing'}`,
        );
      }
    });
  }
  return { precision: right / mapped, recall: right / wanted, objectRight: objects / sets.length, misses };
}

test('the corpus is as large as it is said to be', () => {
  const scored = readHeaderSets('scored', DESCRIBES);
  const all = [...scored, ...readHeaderSets('tuned', DESCRIBES)];
  expect(scored.length).toBeGreaterThanOrEqual(100);
  expect(all.length).toBeGreaterThanOrEqual(300);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

test.each(['tuned', 'scored'] as const)('the %s header sets: precision, recall and object', (split) => {
  const { misses, ...measured } = measure(readHeaderSets(split, DESCRIBES));
  const said = `${JSON.stringify(measured)}\n${misses.join('\n')}`;
  expect(measured.precision, said).toBeGreaterThanOrEqual(PRECISION);
  expect(measured.recall, said).toBeGreaterThanOrEqual(RECALL);
  expect(measured.objectRight, said).toBeGreaterThanOrEqual(OBJECT_RIGHT);
});
