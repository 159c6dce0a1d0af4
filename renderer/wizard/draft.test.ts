import { expect, test } from 'vitest';
import { NEW_DRAFT, reduceDraft } from './draft.ts';

test('a guessed object brings the operation that the file’s keys allow; one chosen by hand keeps the operation', () => {
  const guessed = reduceDraft(NEW_DRAFT, { kind: 'object-chosen', objectName: 'Account', operation: 'insert' });
  expect(guessed).toMatchObject({ objectName: 'Account', operation: 'insert' });
  expect(reduceDraft(guessed, { kind: 'object-chosen', objectName: 'Lead' })).toMatchObject({
    objectName: 'Lead',
    operation: 'insert',
  });
});
