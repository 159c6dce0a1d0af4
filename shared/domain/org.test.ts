import { expect, test } from 'vitest';
import { recordAddress, type OrgKind } from './org.ts';

const host = 'harbour.my.salesforce.com';

test.each<[kind: OrgKind, id: string, address: string | null]>([
  ['production', '001000000000001AAA', `https://${host}/001000000000001AAA`],
  ['sandbox', '001000000000001', `https://${host}/001000000000001`],
  // Nothing but an Id becomes part of an address.
  ['production', '../secur/logout.jsp', null],
  ['production', '001000000000001AA?x=1', null],
  ['production', '', null],
  ['practice', '001000000000001AAA', null],
])('a record of %s, %j, is shown at %s', (kind, id, address) => {
  expect(recordAddress({ kind, instanceHost: host }, id)).toBe(address);
});
