import { expect, test } from 'vitest';
import type { CleaningStep } from '../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import type { SourceId } from '../../shared/domain/ids.ts';
import { NEW_DRAFT, reduceDraft, type Draft, type DraftAction } from './draft.ts';

test('a guessed object brings the operation that the file’s keys allow; one chosen by hand keeps the operation', () => {
  const guessed = reduceDraft(NEW_DRAFT, { kind: 'object-chosen', objectName: 'Account', operation: 'insert' });
  expect(guessed).toMatchObject({ objectName: 'Account', operation: 'insert' });
  expect(reduceDraft(guessed, { kind: 'object-chosen', objectName: 'Lead' })).toMatchObject({
    objectName: 'Lead',
    operation: 'insert',
  });
});

test('a sign-in that ends leaves the window where it is when a file was opened in the meantime', () => {
  const connecting: Draft = { ...NEW_DRAFT, place: { kind: 'connect', then: { kind: 'home' } } };
  expect(reduceDraft(connecting, { kind: 'connect-ended' }).place).toEqual({ kind: 'home' });
  const opened = reduceDraft(connecting, { kind: 'source-opened', sourceId: 'src_1' as SourceId });
  expect(reduceDraft(opened, { kind: 'connect-ended' }).place).toEqual({ kind: 'step', step: 'source' });
});

function mappingOf(field: string): FieldMapping {
  return {
    objectName: 'Account',
    operation: 'insert',
    matchField: null,
    columns: [
      {
        column: 0,
        target: { kind: 'field', field },
        reason: 'chosen',
        format: {},
        replacements: {},
        fixes: [],
      },
    ],
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

const [A, B, C] = [mappingOf('A'), mappingOf('B'), mappingOf('C')] as const;
const STEPS: CleaningStep[] = [{ kind: 'copy', column: 0, name: 'again' }];

function after(...actions: DraftAction[]): Draft {
  return actions.reduce(reduceDraft, reduceDraft(NEW_DRAFT, { kind: 'mapping-suggested', mapping: A, misfits: [] }));
}

test('changes of the mapping are taken back one by one, and made again in their order', () => {
  const changed = after({ kind: 'mapping-changed', mapping: B }, { kind: 'mapping-changed', mapping: C });
  const back = reduceDraft(reduceDraft(changed, { kind: 'mapping-undone' }), { kind: 'mapping-undone' });
  expect(back).toMatchObject({ mapping: A, undo: [] });
  expect(back.redo.map(({ mapping }) => mapping)).toEqual([C, B]);
  expect(reduceDraft(back, { kind: 'mapping-undone' })).toBe(back);
  const again = reduceDraft(back, { kind: 'mapping-redone' });
  expect(again.mapping).toBe(B);
  expect(reduceDraft(again, { kind: 'mapping-redone' })).toMatchObject({ mapping: C, redo: [] });
  // Who goes another way can't come back to this one.
  expect(reduceDraft(again, { kind: 'mapping-changed', mapping: A })).toMatchObject({ mapping: A, redo: [] });
});

test('a change that made a column remembers the steps before it, and the source’s own undo takes it back, too', () => {
  const made = after({ kind: 'mapping-changed', mapping: B, stepsBefore: [] });
  expect(made.undo).toEqual([{ mapping: A, steps: [] }]);
  expect(made.sourceUndo).toEqual([{ kind: 'steps', steps: [] }]);
  const back = reduceDraft(made, { kind: 'mapping-undone', stepsBefore: STEPS });
  expect(back).toMatchObject({ mapping: A, sourceUndo: [], redo: [{ mapping: B, steps: STEPS }] });
  const again = reduceDraft(back, { kind: 'mapping-redone', stepsBefore: [] });
  expect(again).toMatchObject({ mapping: B, undo: [{ mapping: A, steps: [] }], sourceUndo: [{ steps: [] }] });
});

test('other columns begin the mapping anew; other steps with the same columns end what could be taken back with its steps', () => {
  const change = (columnsChanged: boolean): DraftAction => ({
    kind: 'source-changed',
    undo: { kind: 'steps', steps: [] },
    columnsChanged,
  });
  expect(after({ kind: 'mapping-changed', mapping: B }, change(true))).toMatchObject({ mapping: null, undo: [] });
  expect(after({ kind: 'mapping-changed', mapping: B }, change(false))).toMatchObject({
    mapping: B,
    undo: [{ mapping: A }],
  });
  expect(after({ kind: 'mapping-changed', mapping: B, stepsBefore: [] }, change(false))).toMatchObject({
    mapping: B,
    undo: [],
  });
});

test('a mapping from a file is for its own object and operation, says what did not fit, and is taken back whole', () => {
  const misfits = [{ code: 'COLUMNS_NEW' as const, columns: ['Fax'] }];
  const opened = after({
    kind: 'mapping-changed',
    mapping: { ...B, objectName: 'Lead', operation: 'upsert' },
    misfits,
  });
  expect(opened).toMatchObject({ objectName: 'Lead', operation: 'upsert', misfits });
  expect(reduceDraft(opened, { kind: 'mapping-undone' })).toMatchObject({ objectName: 'Account', operation: 'insert' });
  expect(reduceDraft(opened, { kind: 'misfits-seen' }).misfits).toEqual([]);
  expect(reduceDraft(opened, { kind: 'columns-changed' }).misfits).toEqual([]);
});
