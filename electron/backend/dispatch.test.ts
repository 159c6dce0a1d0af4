import { expect, test } from 'vitest';
import { failureText } from '../../shared/text/failure-text.ts';
import { dispatch, type Handlers } from './dispatch.ts';

test('a bug crosses as its incident and the place of the log, nothing else', async () => {
  const logged: unknown[] = [];
  const tools = {
    log: { place: '~/log', info: () => undefined, error: (...given: unknown[]) => void logged.push(given) },
    random: { token: () => 'abcd1234' },
  };
  const error = new TypeError('secret of ours');
  const handlers = { 'app.info': () => Promise.reject(error) } as unknown as Handlers;
  const answer = await dispatch(handlers, tools, 'app.info', {}, new AbortController().signal);
  expect(answer).toEqual({ ok: false, failure: { code: 'BUG', incidentId: 'abcd1234', log: '~/log' } });
  expect(logged).toEqual([['bug in app.info', error, { incidentId: 'abcd1234' }]]);
  expect(failureText({ code: 'BUG', incidentId: 'abcd1234', log: '~/log' }).next).toContain('~/log');
});
