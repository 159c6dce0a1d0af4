import { expect, test } from 'vitest';
import { allowedInstance } from './instance-url.ts';

const LOGIN = 'https://login.salesforce.com';
const LOCAL = 'http://127.0.0.1:8123';

test.each<[string, string, string]>([
  ['https://acme.my.salesforce.com/', LOGIN, 'https://acme.my.salesforce.com'],
  ['https://acme--uat.sandbox.my.salesforce.com', LOGIN, 'https://acme--uat.sandbox.my.salesforce.com'],
  ['https://acme.my.salesforce.mil', LOGIN, 'https://acme.my.salesforce.mil'],
  ['https://acme.cloudforce.com', LOGIN, 'https://acme.cloudforce.com'],
  ['https://crm.acme.example', 'https://crm.acme.example', 'https://crm.acme.example'],
  ['http://localhost:9000', LOCAL, 'http://localhost:9000'],
  ['http://[::1]:9000', LOCAL, 'http://[::1]:9000'],
])('a token follows to %s after a sign-in at %s', (instance, login, origin) => {
  expect(allowedInstance(instance, login)).toBe(origin);
});

test.each<[string, string]>([
  ['https://acme.my.salesforce.com.evil.example', LOGIN],
  ['https://evilsalesforce.com', LOGIN],
  ['https://salesforce.com@evil.example', LOGIN],
  ['http://acme.my.salesforce.com', LOGIN],
  ['http://login.salesforce.com', LOGIN],
  ['https://evil.example', LOGIN],
  ['http://127.0.0.1:8123', LOGIN],
  ['https://127.0.0.1:8123', LOGIN],
  ['http://evil.example', LOCAL],
  ['http://127.0.0.1.evil.example', LOCAL],
  ['https://user:pass@acme.my.salesforce.com', LOGIN],
  ['javascript:alert(1)', LOGIN],
  ['', LOGIN],
])('a token does not follow to %s after a sign-in at %s', (instance, login) => {
  expect(allowedInstance(instance, login)).toBeNull();
});
