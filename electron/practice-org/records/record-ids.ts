import { normaliseRecordId } from '../../../shared/domain/ids.ts';

/** Salesforce's base-62 order for the counter inside an id. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The 18-character id number `counter` of a key prefix: prefix, instance `PR`, reserved 0, nine base-62 digits, suffix. */
export function makeId(prefix: string, counter: number): string {
  let rest = '';
  for (let n = counter; rest.length < 9; n = Math.floor(n / 62)) rest = BASE62.charAt(n % 62) + rest;
  const made = normaliseRecordId(`${prefix}PR0${rest}`);
  if ('problem' in made) throw new Error(`not an id prefix: ${prefix}`);
  return made.id;
}

/** The counter inside an id made by `makeId`. */
export function counterOf(id: string): number {
  let counter = 0;
  for (const digit of id.slice(6, 15)) counter = counter * 62 + BASE62.indexOf(digit);
  return counter;
}

/** 15 or 18 characters as 18, or null for anything else. */
export function asRecordId(text: string): string | null {
  const normalised = normaliseRecordId(text);
  return 'id' in normalised ? normalised.id : null;
}
