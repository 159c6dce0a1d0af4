import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseRecordId } from './ids.ts';

test.each([
  ['001A0000006Vm9r', '001A0000006Vm9rIAC'],
  ['001A0000006Vm9rIAC', '001A0000006Vm9rIAC'],
  ['001A0000006Vm9riac', '001A0000006Vm9rIAC'],
])('%s is %s', (given, expected) => {
  expect(normaliseRecordId(given)).toEqual({ id: expected });
});

test.each([
  ['00300000', 'ID_SHAPE'],
  ['001A0000006Vm9!', 'ID_SHAPE'],
  ['', 'ID_SHAPE'],
  ['001a0000006Vm9rIAC', 'ID_CHECKSUM'],
])('V22, V23: %j is refused with %s', (given, problem) => {
  expect(normaliseRecordId(given)).toEqual({ problem });
});

test('changing the case of any letter is found out by the checksum', () => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...alphabet), { minLength: 15, maxLength: 15 }),
      fc.nat(14),
      (characters, at) => {
        const made = normaliseRecordId(characters.join(''));
        if ('problem' in made) return false;
        const letter = made.id.charAt(at);
        const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
        const typo = made.id.slice(0, at) + other + made.id.slice(at + 1);
        return 'id' in normaliseRecordId(made.id) && (other === letter || 'problem' in normaliseRecordId(typo));
      },
    ),
  );
});
