import { expect, test } from 'vitest';
import { refusalText } from './refusal-text.ts';

test.each([
  ['FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --', 'Weight must not be negative.'],
  ['INVALID_FIELD:Foreign key external ID: self-9 not found:--', 'Foreign key external ID: self-9 not found'],
  ['REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --', 'Required fields are missing: [Name]'],
  ['NOT_A_NUMBER: “heavy” is not a number', '“heavy” is not a number'],
  ['a text of another kind', 'a text of another kind'],
])('%s is told as its text alone', (error, text) => {
  expect(refusalText(error)).toBe(text);
});
