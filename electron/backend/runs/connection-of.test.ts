import { expect, test } from 'vitest';
import { OrgId } from '../../../shared/domain/ids.ts';
import { connectionOf } from './connection-of.ts';

const OWN = OrgId.parse('00D000000000001EAA');
const BOT = OrgId.parse('00D000000000001EAA-005000000000001AAA');
const OTHER = OrgId.parse('00D000000000002EAA');
const ORGS = [
  { orgId: OTHER, username: 'ann@acme.example', name: 'Sandbox' },
  { orgId: OWN, username: 'ann@acme.example', name: 'Acme' },
  { orgId: BOT, username: 'bot@acme.example', name: 'Acme' },
];
const jobOf = (username: string) => ({ definition: { name: 'A job', org: { organization: OWN, username } } }) as never;

test.each<[string, string, OrgId | undefined, string]>([
  ['its own user, though the same name is known in another org', 'ann@acme.example', undefined, OWN],
  ['another user of the org, where that one is named', 'ann@acme.example', BOT, BOT],
  ['nobody, where its user is not signed in, though others are', 'eve@acme.example', undefined, 'JOB_ORG_MISSING'],
  ['nobody of another org, though that one is named', 'ann@acme.example', OTHER, 'JOB_OTHER_ORG'],
  [
    'nobody, where a connection is named that is gone',
    'ann@acme.example',
    OrgId.parse('00D000000000009EAA'),
    'JOB_ORG_MISSING',
  ],
])('a job runs as %s', (_who, username, named, expected) => {
  const found = () => connectionOf(jobOf(username), ORGS, named);
  if (expected.startsWith('JOB_')) expect(found).toThrow(expected);
  else expect(found()).toBe(expected);
});
