import { z } from 'zod';

/** Texts that are none of the other kinds, of which a person may choose several. */
export const TEXT_KINDS = [
  'text1',
  'text2',
  'text3',
  'text4',
  'text5',
  'text6',
  'text7',
  'text8',
  'text9',
  'text10',
] as const;

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
  ...TEXT_KINDS,
] as const;
export type ResemblanceKind = (typeof RESEMBLANCE_KINDS)[number];

/** What is compared: city, postal code and state are one place. */
export const ComparedThing = z.enum([
  'firstName',
  'lastName',
  'company',
  'email',
  'phone',
  'mobile',
  'website',
  'street',
  'birthDate',
  'identifier',
  'place',
  ...TEXT_KINDS,
]);
export type ComparedThing = z.infer<typeof ComparedThing>;

/** How alike two values are, in words; which of them there are depends on what is compared. */
export const ResemblanceLevel = z.enum([
  'same',
  'exchanged',
  'alias',
  'nearlySame',
  'similar',
  'partly',
  'sameDomain',
  'sameCity',
  'other',
]);
export type ResemblanceLevel = z.infer<typeof ResemblanceLevel>;

/** Why two records are, or are not, taken for the same: in bits of evidence, for (above 0) or against. */
export const ResemblanceReason = z.object({ thing: ComparedThing, level: ResemblanceLevel, weight: z.number() });
export type ResemblanceReason = z.infer<typeof ResemblanceReason>;
