/** What a column says of a company or a person, as far as it helps to tell whether two records are the same one. */
export const RESEMBLANCE_KINDS = [
  'firstName',
  'lastName',
  'company',
  'email',
  'phone',
  'mobile',
  'website',
  'street',
  'city',
  'postalCode',
  'state',
  'birthDate',
  'identifier',
] as const;
export type ResemblanceKind = (typeof RESEMBLANCE_KINDS)[number];

/** What is compared: city, postal code and state are one place. */
export type ComparedThing = Exclude<ResemblanceKind, 'city' | 'postalCode' | 'state'> | 'place';

/** How alike two values are, in words; which of them there are depends on what is compared. */
export type ResemblanceLevel =
  'same' | 'exchanged' | 'alias' | 'nearlySame' | 'similar' | 'partly' | 'sameDomain' | 'sameCity' | 'other';

/** Why two records are, or are not, taken for the same: in bits of evidence, for (above 0) or against. */
export interface ResemblanceReason {
  readonly thing: ComparedThing;
  readonly level: ResemblanceLevel;
  readonly weight: number;
}
