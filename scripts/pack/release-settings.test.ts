import { expect, test } from 'vitest';
import { buildConfig } from './release-settings.ts';

const APPLE = { APPLE_API_KEY: '/key.p8', APPLE_API_KEY_ID: 'K', APPLE_API_ISSUER: 'I' };

test('with nothing set, the installers are unsigned, not notarised and without a feed, and that is said', () => {
  expect(buildConfig({})).toEqual({
    args: ['-c.mac.notarize=false'],
    says: [
      'Not signed: no certificate is set.',
      'macOS apps are not notarised: no account of Apple’s is set.',
      'No update feed: the app will not look for updates.',
    ],
  });
});

test('a release is signed, notarised and has its feed', () => {
  const settings = buildConfig({
    ...APPLE,
    CSC_LINK: 'cert.p12',
    LONGSHORE_UPDATE_URL: 'https://updates.longshore.example/',
    LONGSHORE_RELEASE: '1',
  });
  expect(settings).toMatchObject({
    args: [
      '-c.publish.provider=generic',
      '-c.publish.url=https://updates.longshore.example/',
      '-c.forceCodeSigning=true',
    ],
  });
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a feed that anyone on the way could change', { LONGSHORE_UPDATE_URL: 'http://updates.example/' }, /https:/],
  ['a feed that is no address', { LONGSHORE_UPDATE_URL: 'updates' }, /https:/],
  ['half of an account', { APPLE_ID: 'a@b.example' }, /APPLE_APP_SPECIFIC_PASSWORD/],
  ['a release without a certificate', { LONGSHORE_RELEASE: '1' }, /CSC_LINK/],
])('%s is refused', (_name, env, problem) => {
  expect(buildConfig(env)).toEqual({ problem: expect.stringMatching(problem) as string });
});
