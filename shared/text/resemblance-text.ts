import type { ComparedThing, ResemblanceLevel, ResemblanceReason } from '../domain/resemblance.ts';

/** Names of things; texts of any field have the name of that field. */
type ThingNames = Readonly<Partial<Record<ComparedThing, string>>>;

const THINGS: ThingNames = {
  firstName: 'first name',
  lastName: 'last name',
  company: 'company name',
  email: 'email',
  phone: 'phone',
  mobile: 'mobile phone',
  website: 'website',
  street: 'street',
  place: 'city',
  birthDate: 'birth date',
  identifier: 'number',
};

function levelText(thing: string, level: ResemblanceLevel): string {
  switch (level) {
    case 'same':
      return `same ${thing}`;
    case 'exchanged':
      return `${thing} exchanged`;
    case 'alias':
      return `short form of the ${thing}`;
    case 'nearlySame':
      return `nearly the same ${thing}`;
    case 'similar':
      return `similar ${thing}`;
    case 'partly':
      return `${thing} partly the same`;
    case 'sameDomain':
      return `${thing} at the same domain`;
    case 'sameCity':
      return `same ${thing}, other postal code`;
    case 'other':
      return `other ${thing}`;
  }
}

/** "+6.2 same email, −1.1 other city": the strongest first; what weighs nothing is left out. `named` has names of things that are not the usual ones. */
export function reasonsText(reasons: readonly ResemblanceReason[], named: ThingNames = {}): string {
  return [...reasons]
    .filter(({ weight }) => Math.abs(weight) >= 0.05)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .map(({ thing, level, weight }) => {
      const sign = weight < 0 ? '−' : '+';
      return `${sign}${Math.abs(weight).toFixed(1)} ${levelText(named[thing] ?? THINGS[thing] ?? thing, level)}`;
    })
    .join(', ');
}
