import { expect, test } from 'vitest';
import { CALLBACK_PORTS, callbackUrl, OTHER_CALLBACK_PORTS } from '../../../shared/domain/sign-in-callback.ts';

test.each(CALLBACK_PORTS)('a browser goes to port %i', async (port) => {
  // Whether anything listens there or not: a port that the standard blocks fails before it is asked.
  const cause: unknown = await fetch(callbackUrl(port)).then(
    () => null,
    (error: unknown) => (error as Error).cause,
  );
  expect(cause).not.toMatchObject({ message: 'bad port' });
});

test('the other ports are named as a person lists them', () => {
  expect(OTHER_CALLBACK_PORTS).toBe('1718, 1721 and 1722');
});
