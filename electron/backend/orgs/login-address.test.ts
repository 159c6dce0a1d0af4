import { describe, expect, test } from 'vitest';
import { loginUrlOf, safeOrigin } from './login-address.ts';

const custom = (loginUrl: string) => loginUrlOf({ kind: 'custom', loginUrl });

test('production and sandboxes have an address each', () => {
  expect(loginUrlOf({ kind: 'production' })).toBe('https://login.salesforce.com');
  expect(loginUrlOf({ kind: 'sandbox' })).toBe('https://test.salesforce.com');
});

describe('My Domain', () => {
  test.each([
    ['acme', 'https://acme.my.salesforce.com'],
    [' ACME ', 'https://acme.my.salesforce.com'],
    ['acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
    ['http://acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
    ['https://Acme.my.salesforce.com/lightning/page/home?x=1#y', 'https://acme.my.salesforce.com'],
    ['acme--uat', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['https://acme--uat.sandbox.my.salesforce.com/one/one.app', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['https://acme--uat.sandbox.lightning.force.com/lightning', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['acme.lightning.force.com', 'https://acme.my.salesforce.com'],
    ['https://acme.my.salesforce-setup.com/lightning/setup/SetupOneHome/home', 'https://acme.my.salesforce.com'],
    ['login.salesforce.com', 'https://login.salesforce.com'],
    ['acme-dev-ed.develop.my.salesforce.com', 'https://acme-dev-ed.develop.my.salesforce.com'],
    ['acme.my.salesforce.mil', 'https://acme.my.salesforce.mil'],
    ['http://127.0.0.1:8123/', 'http://127.0.0.1:8123'],
    ['https://localhost:8443', 'https://localhost:8443'],
  ])('%j is %s', (given, origin) => {
    expect(custom(given)).toBe(origin);
  });

  test.each([
    ['acme.example', 'host'],
    ['https://acme.my.salesforce.com.evil.example', 'host'],
    ['https://evil.example/acme.my.salesforce.com', 'host'],
    ['salesforce.com', 'host'],
    ['evilsalesforce.com', 'host'],
    ['https://me:word@acme.my.salesforce.com', 'shape'],
    ['ftp://acme.my.salesforce.com', 'shape'],
    ['javascript:alert(1)', 'shape'],
    ['two words', 'shape'],
    ['-acme', 'shape'],
    ['', 'shape'],
  ])('%j is refused', (value, why) => {
    expect(() => custom(value)).toThrow(
      expect.objectContaining({ failure: { code: 'LOGIN_URL_INVALID', value, why } }),
    );
  });
});

test.each(['http://acme.example', 'ftp://acme.example', 'https://me:word@acme.example', 'nonsense', ''])(
  'a token is not sent to %j',
  (address) => {
    expect(() => safeOrigin(address)).toThrow('LOGIN_URL_INVALID');
  },
);
