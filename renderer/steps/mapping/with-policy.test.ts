import { expect, test } from 'vitest';
import { withPolicy } from './with-policy.ts';

test('only what holds is stated, so that a mapping whose policies were taken back is the one it was', () => {
  expect(withPolicy(undefined, { allowDuplicates: true })).toEqual({ allowDuplicates: true });
  const both = withPolicy({ way: 'collections' }, { fillBlanksOnly: true });
  expect(both).toEqual({ way: 'collections', fillBlanksOnly: true });
  expect(withPolicy(both, { way: undefined, fillBlanksOnly: false })).toBeUndefined();
});
