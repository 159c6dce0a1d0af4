import { expect, test } from 'vitest';
import { reasonsText } from './resemblance-text.ts';

test('the strongest word for or against comes first, and what weighs nothing is not said', () => {
  expect(
    reasonsText([
      { thing: 'place', level: 'other', weight: -1.1 },
      { thing: 'email', level: 'same', weight: 6.24 },
      { thing: 'street', level: 'same', weight: 0 },
    ]),
  ).toBe('+6.2 same email, −1.1 other city');
});
