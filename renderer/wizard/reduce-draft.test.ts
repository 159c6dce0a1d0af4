import { expect, test } from 'vitest';
import type { CleaningStep } from '../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import type { LoadId, SourceId } from '../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { isOwnLoad, NEW_DRAFT, type Draft, type DraftAction } from './draft.ts';
import { reduceDraft } from './reduce-draft.ts';

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
  return actions.reduce(
    reduceDraft,
    reduceDraft(NEW_DRAFT, { kind: 'mapping-suggested', mapping: A, names: ['a'], misfits: [] }),
  );
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
  const made = after({ kind: 'mapping-changed', mapping: B, stepsBefore: [], names: ['a'] });
  expect(made.undo).toEqual([{ mapping: A, steps: [] }]);
  expect(made.sourceUndo).toEqual([{ kind: 'steps', steps: [] }]);
  const back = reduceDraft(made, { kind: 'mapping-undone', stepsBefore: STEPS, names: ['a'] });
  expect(back).toMatchObject({ mapping: A, sourceUndo: [], redo: [{ mapping: B, steps: STEPS }] });
  const again = reduceDraft(back, { kind: 'mapping-redone', stepsBefore: [], names: ['a'] });
  expect(again).toMatchObject({ mapping: B, undo: [{ mapping: A, steps: [] }], sourceUndo: [{ steps: [] }] });
});

test('columns that agree late leave alone what has become due since', () => {
  const due = after({ kind: 'columns-due', columns: 5 }, { kind: 'columns-due', columns: 4 });
  expect(reduceDraft(due, { kind: 'columns-settled', columns: 5 }).columnsDue).toBe(4);
  expect(reduceDraft(due, { kind: 'columns-settled', columns: 4 }).columnsDue).toBeNull();
});

test('other columns want the mapping brought to them; other steps with the same columns end what could be taken back with its steps', () => {
  const change = (columnsChanged: boolean): DraftAction => ({
    kind: 'source-changed',
    undo: { kind: 'steps', steps: [] },
    columnsChanged,
  });
  expect(after({ kind: 'mapping-changed', mapping: B }, change(true))).toMatchObject({
    mapping: null,
    former: { mapping: B, names: ['a'] },
    undo: [],
  });
  expect(after({ kind: 'mapping-changed', mapping: B }, change(false))).toMatchObject({
    mapping: B,
    undo: [{ mapping: A }],
  });
  expect(after({ kind: 'mapping-changed', mapping: B, stepsBefore: [], names: ['a'] }, change(false))).toMatchObject({
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

const CHANGED: DraftAction = { kind: 'source-changed', undo: { kind: 'steps', steps: [] }, columnsChanged: true };
const suggested = (mapping: FieldMapping, names: string[]): DraftAction => ({
  kind: 'mapping-suggested',
  mapping,
  names,
  misfits: [],
});

test('however often the columns change, the mapping is brought to them from the way a person left it, until they change it', () => {
  const twice = after(CHANGED, suggested(B, ['b']), CHANGED);
  expect(twice).toMatchObject({ objectName: null, former: { mapping: A, names: ['a'] } });
  const left = after(CHANGED, suggested(B, ['b']), { kind: 'mapping-changed', mapping: C }, CHANGED);
  expect(left.former).toEqual({ mapping: C, names: ['b'] });
  expect(reduceDraft(left, { kind: 'object-chosen', objectName: 'Lead' }).former).toBeNull();
});

test('a file read in another way keeps the object and what was mapped where its columns are much the same', () => {
  const chosen = after({ kind: 'mapping-changed', mapping: B });
  expect(reduceDraft(chosen, { kind: 'source-read-anew', columnsChanged: false })).toMatchObject({ mapping: B });
  expect(reduceDraft(chosen, { kind: 'source-read-anew', columnsChanged: true })).toMatchObject({
    objectName: 'Account',
    mapping: null,
    former: { mapping: B },
    sourceUndo: [],
  });
});

const LOAD = {
  orgId: '00D000000000001AAA',
  objectName: 'Account',
  operation: 'insert',
} as LoadSnapshot;
const MISFITS = [{ code: 'COLUMNS_NEW' as const, columns: ['Fax'] }];

function again(...actions: DraftAction[]): Draft {
  const begun = reduceDraft(NEW_DRAFT, { kind: 'load-again', load: LOAD, sourceId: 'src_a' as SourceId });
  return actions.reduce(reduceDraft, begun);
}

test('a load run again has its org, object and operation, and stops where it can be checked', () => {
  const { orgId, objectName, operation } = LOAD;
  expect(again()).toMatchObject({ orgId, objectName, operation, mapping: null, again: { state: 'due' } });
  const fits = again({ kind: 'load-fitted', mapping: A, names: ['a'], misfits: [] });
  expect(fits).toMatchObject({ mapping: A, again: { state: 'fitted' }, place: { step: 'checks' } });
  const lacks = again({ kind: 'load-fitted', mapping: A, names: ['a'], misfits: MISFITS });
  expect(lacks).toMatchObject({ misfits: MISFITS, place: { step: 'mapping' } });
  const away = again(
    { kind: 'go', place: { kind: 'home' } },
    { kind: 'load-fitted', mapping: A, names: ['a'], misfits: [] },
  );
  expect(away).toMatchObject({ mapping: A, place: { kind: 'home' } });
});

test('a load made to another one, begun, or left for another file is no longer that load', () => {
  expect(again({ kind: 'operation-chosen', operation: 'update' }).again).toBeNull();
  expect(again({ kind: 'object-chosen', objectName: 'Lead' }).again).toBeNull();
  expect(again({ kind: 'org-chosen', orgId: null }).again).toBeNull();
  expect(again({ kind: 'load-started', loadId: 'load_a' as LoadId }).again).toBeNull();
  expect(again({ kind: 'source-opened', sourceId: 'src_b' as SourceId }).again).toBeNull();
  const late = again({ kind: 'operation-chosen', operation: 'update' });
  expect(reduceDraft(late, { kind: 'load-fitted', mapping: A, names: ['a'], misfits: [] })).toBe(late);
});

test('a load is the draft’s own until its mapping changes, or another load is seen', () => {
  const mapped: Draft = { ...NEW_DRAFT, mapping: mappingOf('Name') };
  const started = reduceDraft(mapped, { kind: 'load-started', loadId: 'load_a' as LoadId });
  expect(isOwnLoad(mapped)).toBe(false);
  expect(isOwnLoad(started)).toBe(true);
  expect(isOwnLoad(reduceDraft(started, { kind: 'mapping-changed', mapping: mappingOf('Fax') }))).toBe(false);
  expect(isOwnLoad(reduceDraft(started, { kind: 'load-opened', loadId: 'load_b' as LoadId, step: 'report' }))).toBe(
    false,
  );
});
