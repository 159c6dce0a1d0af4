import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { madeUpName, POOLS } from './name-pools.ts';
import { Chance, slip, type MadeRow } from './resembling-rows.ts';

/** The fields of FEBRL's data sets ("Febrl – Freely Extensible Biomedical Record Linkage", Christen and Churches). */
export const FEBRL_KINDS: readonly ResemblanceKind[] = [
  'firstName',
  'lastName',
  'street',
  'city',
  'postalCode',
  'state',
  'birthDate',
  'identifier',
];

type FebrlRows = (readonly [key: string, row: MadeRow])[];

function originalOf(chance: Chance): MadeRow {
  const [pool] = POOLS;
  if (!pool) throw new Error('there are names');
  const town = madeUpName(chance.pick).toLowerCase();
  return {
    firstName: chance.is(0.5) ? chance.common(pool.first) : madeUpName(chance.pick),
    lastName: chance.is(0.4) ? chance.common(pool.last[0]) + chance.common(pool.last[1]) : madeUpName(chance.pick),
    street: `${chance.below(300) + 1} ${madeUpName(chance.pick)} ${chance.pick(['street', 'place', 'circuit', 'avenue', 'crescent', 'close'])}`,
    city: chance.is(0.5) ? chance.common(pool.cities) : town,
    postalCode: String(2000 + chance.below(6000)),
    state: chance.pick(['nsw', 'vic', 'qld', 'wa', 'sa', 'tas', 'act']),
    birthDate: `${1900 + chance.below(100)}${String(chance.below(12) + 1).padStart(2, '0')}${String(chance.below(28) + 1).padStart(2, '0')}`,
    identifier: chance.digits(7),
  };
}

/** As FEBRL's generator does it: one to four changes, at most two of a field, by slips, blanks and exchanges. */
function duplicateOf(chance: Chance, original: MadeRow): MadeRow {
  const row: MadeRow = { ...original };
  const changes = chance.below(4) + 1;
  const touched = new Map<ResemblanceKind, number>();
  for (let made = 0; made < changes;) {
    const kind = chance.pick(FEBRL_KINDS);
    const before = touched.get(kind) ?? 0;
    touched.set(kind, before + 1);
    made++;
    if (before >= 2) continue;
    const value = row[kind];
    if (value === undefined) continue;
    if (kind === 'firstName' && chance.is(0.15))
      [row.firstName, row.lastName] = [row.lastName ?? '', row.firstName ?? ''];
    else if (chance.is(0.15)) delete row[kind];
    else row[kind] = slip(chance, value);
  }
  return row;
}

/** Two lists of the same people, one of each in both. */
export function febrlPair(seed: number, people: number): { originals: FebrlRows; duplicates: FebrlRows } {
  const chance = new Chance(seed);
  const originals = Array.from({ length: people }, (_, at) => [String(at), originalOf(chance)] as const);
  return { originals, duplicates: originals.map(([key, row]) => [key, duplicateOf(chance, row)] as const) };
}
