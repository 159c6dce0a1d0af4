import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsMadeBy, withoutStep, type CleaningStep } from './cleaning.ts';

const FILE_COLUMNS = 3;

/** What each column is made of, by name, after all steps: enough to tell whether a step still means the same columns. */
function meaning(steps: readonly CleaningStep[]): string[] {
  const columns = Array.from({ length: FILE_COLUMNS }, (_, index) => `f${index}`);
  const told: string[] = [];
  for (const step of steps) {
    const named = 'column' in step ? [step.column] : 'columns' in step ? step.columns : [];
    const what = named.map((column) => columns[column] ?? 'nothing');
    told.push(`${step.kind}(${what.join('+')})`);
    columns.push(...columnsMadeBy(step).map((name, index) => `${step.kind}:${name}.${index}[${what.join('+')}]`));
  }
  return told;
}

/** Steps that fit each other, as the window makes them: each names columns there are by then. */
const steps = fc
  .array(
    fc.tuple(fc.constantFrom('trim', 'split', 'join', 'copy', 'constant', 'remove-duplicates'), fc.nat(), fc.nat()),
    { maxLength: 8 },
  )
  .map((choices) => {
    let count = FILE_COLUMNS;
    return choices.map(([kind, first, second], place): CleaningStep => {
      const [a, b] = [first % count, second % count];
      if (kind === 'trim') return { kind, columns: a === b ? [a] : [a, b] };
      if (kind === 'remove-duplicates') return { kind };
      count += kind === 'split' ? 2 : 1;
      if (kind === 'copy') return { kind, column: a, name: `c${place}` };
      if (kind === 'constant') return { kind, value: 'x', name: `x${place}` };
      return kind === 'split'
        ? { kind, column: a, separator: ' ', names: [`s${place}`, `t${place}`] }
        : { kind: 'join', columns: [a, b], separator: ' ', name: `j${place}` };
    });
  });

test('what is left without a step means what it meant, and nothing that is gone', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, choice) => {
      fc.pre(all.length > 0);
      const gone = choice % all.length;
      const left = withoutStep(all, gone, FILE_COLUMNS);
      const told = meaning(left);
      expect(told.join(' ')).not.toContain('nothing');
      const before = meaning(all);
      // A step that kept some of several columns names fewer of them; all others are told in the same words.
      for (const one of told.filter((text) => !text.startsWith('trim'))) expect(before).toContain(one);
      const lost = all.length - left.length;
      expect(lost).toBeGreaterThanOrEqual(1);
      if (columnsMadeBy(all[gone] as CleaningStep).length === 0) expect(lost).toBe(1);
    }),
  );
});

test('columns move up; steps on what is gone go too', () => {
  const all: CleaningStep[] = [
    { kind: 'split', column: 0, separator: ' ', names: ['a', 'b'] },
    { kind: 'join', columns: [1, 2], separator: '-', name: 'c' },
    { kind: 'trim', columns: [3, 5] },
    { kind: 'change-case', columns: [4], to: 'upper' },
    { kind: 'split', column: 4, separator: ',', names: ['d', 'e'] },
    { kind: 'trim', columns: [6, 7] },
  ];
  expect(withoutStep(all, 0, FILE_COLUMNS)).toEqual([
    { kind: 'join', columns: [1, 2], separator: '-', name: 'c' },
    { kind: 'trim', columns: [3] },
  ]);
});
