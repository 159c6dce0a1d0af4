import type { ComparedThing, ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import {
  BIRTH_DATE,
  COMPANY,
  EMAIL,
  FIRST_NAME,
  IDENTIFIER,
  LAST_NAME,
  MOBILE,
  PHONE,
  PLACE,
  STREET,
  WEBSITE,
  type Comparison,
} from './comparisons.ts';

/** Pairs that are looked at: those whose key, SQL over a prepared record, is equal. */
export interface BlockingRule {
  readonly name: string;
  /** The kinds that the key is made of. */
  readonly kinds: readonly ResemblanceKind[];
  readonly key: string;
}

/** How records of one object are told to be the same. */
export interface ResemblanceModel {
  readonly comparisons: readonly Comparison[];
  /**
   * Things that go together also where the records are others: colleagues share their company's name, street and switchboard,
   * families a home. Of each group the strongest word for and the strongest against count.
   */
  readonly together: readonly (readonly ComparedThing[])[];
  readonly blocking: readonly BlockingRule[];
  /** Rules within whose pairs the weights of everything but their own columns are learnt. */
  readonly training: readonly BlockingRule[];
  /** Rules whose pairs are nearly all the same records; from their number comes how many there are at all. */
  readonly certain: readonly BlockingRule[];
  /** How many of the pairs of the same records the certain rules find. */
  readonly certainRecall: number;
  /** From this weight on, in bits over even odds, a pair is taken for the same. */
  readonly threshold: number;
  /** A person chose what is compared, perhaps little of it: the threshold is never out of its reach. */
  readonly chosen?: boolean;
}

export const blockingRule = (name: string, kinds: readonly ResemblanceKind[], ...parts: string[]): BlockingRule => ({
  name,
  kinds,
  // Parts that are NULL make no key.
  key: parts.join(` || '|' || `),
});

const EMAIL_KEY = blockingRule('same email', ['email'], 'email');
const PHONE_KEY = blockingRule('same phone', ['phone'], 'phone');
const MOBILE_KEY = blockingRule('same mobile phone', ['mobile'], 'mobile');
const IDENTIFIER_KEY = blockingRule('same number', ['identifier'], 'identifier');

const PERSON_BLOCKING: readonly BlockingRule[] = [
  EMAIL_KEY,
  PHONE_KEY,
  MOBILE_KEY,
  IDENTIFIER_KEY,
  // In either order: first and last names are exchanged often.
  blockingRule(
    'names that sound the same',
    ['firstName', 'lastName'],
    'least(p_first, p_last)',
    'greatest(p_first, p_last)',
  ),
  blockingRule('same last name, first letter', ['firstName', 'lastName'], 'lastName', 'left(nick, 1)'),
  blockingRule('last name, postal code', ['lastName', 'postalCode'], 'p_last', 'postalCode'),
  blockingRule('first name, postal code', ['firstName', 'postalCode'], 'nick', 'postalCode'),
  blockingRule('last name, company', ['lastName', 'company'], 'p_last', 'p_company'),
  // Of a company that many begin alike the second word counts too.
  blockingRule(
    'first name, company',
    ['firstName', 'company'],
    'nick',
    'p_company',
    `left(split_part(company, ' ', 2), 2)`,
  ),
  // Colleagues share it: of these only who has an initial in common, in either order.
  blockingRule('street, initial', ['street', 'lastName'], 'street', 'least(left(nick, 1), left(lastName, 1))'),
  blockingRule('first name, city', ['firstName', 'city'], 'nick', 'left(lastName, 1)', 'city'),
  blockingRule('last name, city', ['lastName', 'city'], 'p_last', 'city'),
  blockingRule('house number, postal code', ['street', 'postalCode'], 'house', 'postalCode'),
  blockingRule('same birth date', ['birthDate'], 'birthDate'),
];

const PERSON_CERTAIN: readonly BlockingRule[] = [
  blockingRule('same email and last name', ['email', 'lastName'], 'email', 'lastName'),
  blockingRule('same mobile phone and last name', ['mobile', 'lastName'], 'mobile', 'lastName', 'left(firstName, 1)'),
  blockingRule('same names and phone', ['firstName', 'lastName', 'phone'], 'firstName', 'lastName', 'phone'),
  blockingRule('same names and street', ['firstName', 'lastName', 'street'], 'firstName', 'lastName', 'street'),
  blockingRule(
    'same names and birth date',
    ['firstName', 'lastName', 'birthDate'],
    'firstName',
    'lastName',
    'birthDate',
  ),
];

const PERSON: ResemblanceModel = {
  comparisons: [LAST_NAME, FIRST_NAME, EMAIL, PHONE, MOBILE, COMPANY, WEBSITE, STREET, PLACE, BIRTH_DATE, IDENTIFIER],
  together: [['company', 'website', 'street', 'place', 'phone']],
  blocking: PERSON_BLOCKING,
  // Not the phone: within a switchboard's pairs what stands out is who works at one place.
  training: [EMAIL_KEY, MOBILE_KEY, blockingRule('same names', ['firstName', 'lastName'], 'firstName', 'lastName')],
  certain: PERSON_CERTAIN,
  certainRecall: 0.7,
  threshold: 4,
};

const ACCOUNT: ResemblanceModel = {
  comparisons: [COMPANY, WEBSITE, PHONE, EMAIL, STREET, PLACE, IDENTIFIER],
  together: [['street', 'place']],
  blocking: [
    EMAIL_KEY,
    PHONE_KEY,
    IDENTIFIER_KEY,
    blockingRule('same company name', ['company'], 'company'),
    blockingRule('same website', ['website'], 'website'),
    blockingRule('same words', ['company'], `array_to_string(list_sort(tokens), ' ')`),
    blockingRule('name that sounds the same, city', ['company', 'city'], 'p_company', 'city'),
    blockingRule('name that sounds the same, postal code', ['company', 'postalCode'], 'p_company', 'postalCode'),
    blockingRule('name begins the same, street', ['company', 'street'], 'left(company, 2)', 'street'),
    blockingRule('second word, city', ['company', 'city'], `nullif(split_part(company, ' ', 2), '')`, 'city'),
  ],
  training: [
    blockingRule('same company name', ['company'], 'company'),
    blockingRule('same website', ['website'], 'website'),
    PHONE_KEY,
  ],
  certain: [
    blockingRule('same name and website', ['company', 'website'], 'company', 'website'),
    blockingRule('same name and phone', ['company', 'phone'], 'company', 'phone'),
    blockingRule('same name and street', ['company', 'street'], 'company', 'street'),
  ],
  certainRecall: 0.7,
  threshold: 3,
};

/** Models that need no training by a person. Of each only what both tables have columns for is used. */
export const DEFAULT_MODELS = {
  Account: ACCOUNT,
  Contact: PERSON,
  Lead: PERSON,
  // A home is what families share; there is no company.
  PersonAccount: {
    ...PERSON,
    together: [['street', 'place', 'phone']],
    blocking: [...PERSON_BLOCKING, blockingRule('same street', ['street'], 'street')],
    threshold: 3,
  },
} as const satisfies Record<string, ResemblanceModel>;

/** What of a model can be used where both tables have these kinds of columns. */
export function modelFor(model: ResemblanceModel, kinds: ReadonlySet<ResemblanceKind>): ResemblanceModel {
  const usable = ({ kinds: needed }: BlockingRule) => needed.every((kind) => kinds.has(kind));
  return {
    ...model,
    comparisons: model.comparisons.filter(
      ({ kinds: [first], thing }) => kinds.has(first) || (thing === 'place' && kinds.has('postalCode')),
    ),
    blocking: model.blocking.filter(usable),
    training: model.training.filter(usable),
    certain: model.certain.filter(usable),
  };
}
