import { TEXT_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { edits, equal, near, type Comparison } from './comparisons.ts';
import { blockingRule, DEFAULT_MODELS, type BlockingRule, type ResemblanceModel } from './default-models.ts';

/** Fields whose name says what they hold, as the standard objects have them, in lower case. */
const BY_NAME: Readonly<Record<string, ResemblanceKind>> = {
  firstname: 'firstName',
  lastname: 'lastName',
  company: 'company',
  mobilephone: 'mobile',
  personmobilephone: 'mobile',
  accountnumber: 'identifier',
};
/** Parts of addresses, which end alike on every object ("BillingCity", "City"; Object Reference, "Address Compound Fields"). */
const BY_END: readonly (readonly [end: RegExp, kind: ResemblanceKind])[] = [
  [/street$/, 'street'],
  [/city$/, 'city'],
  [/postalcode$/, 'postalCode'],
  [/state$/, 'state'],
];
const BY_TYPE: Partial<Readonly<Record<FieldDescribe['type'], ResemblanceKind>>> = {
  email: 'email',
  phone: 'phone',
  url: 'website',
  date: 'birthDate',
};

/** As what a field is compared; null for one that is a text like any other. */
function kindOf(field: FieldDescribe): ResemblanceKind | null {
  const name = field.name.toLowerCase().replace(/__c$/, '');
  const named = BY_NAME[name] ?? BY_TYPE[field.type] ?? BY_END.find(([end]) => end.test(name))?.[1];
  if (named) return named;
  // Names of things are told by their words, as those of companies.
  if (field.nameField) return 'company';
  return field.unique || field.externalId ? 'identifier' : null;
}

/** A kind for each of some fields, none twice: a second phone is compared as a mobile one is, and what is left over as a text. */
export function kindsOf(fields: readonly (FieldDescribe | undefined)[]): ResemblanceKind[] {
  const taken = new Set<ResemblanceKind>();
  return fields.map((field) => {
    const own = field ? kindOf(field) : null;
    const wanted = own === 'phone' ? (['phone', 'mobile'] as const) : own ? [own] : [];
    const kind = [...wanted, ...TEXT_KINDS].find((one) => !taken.has(one));
    if (kind === undefined) throw new Error('more fields are compared than there are kinds');
    taken.add(kind);
    return kind;
  });
}

/** Any text: there is nothing to know of it but its letters. */
function textComparison(kind: (typeof TEXT_KINDS)[number]): Comparison {
  return {
    thing: kind,
    kinds: [kind],
    frequencyOf: kind,
    rarest: 1e-5,
    levels: [
      { level: 'same', sql: equal(kind), m: 0.76, u: 0.0005 },
      {
        level: 'nearlySame',
        sql: `(length(l_${kind}) > 4 AND ${edits(kind, 2)}) OR (${near(kind, 0.94)}) OR replace(l_${kind}, ' ', '') = replace(r_${kind}, ' ', '')`,
        m: 0.12,
        u: 0.001,
      },
      { level: 'similar', sql: near(kind, 0.88), m: 0.05, u: 0.01 },
      { level: 'other', sql: 'true', m: 0.07, u: 0.9885 },
    ],
  };
}

/** Fields of which so few are chosen have no blocking rules of several fields: each is to find pairs by itself. */
const FEW = 3;

/** Pairs that are alike in one kind alone, wherever the difference is. */
function rulesOf(kind: ResemblanceKind): BlockingRule[] {
  const consonants = `nullif(regexp_replace(${kind}, '[aeiouy ]', '', 'g'), '')`;
  return [
    blockingRule(`same ${kind}`, [kind], kind),
    blockingRule(`${kind} begins the same`, [kind], `left(${kind}, 4)`),
    blockingRule(`${kind} ends the same`, [kind], `right(${kind}, 4)`),
    blockingRule(`same consonants of ${kind}`, [kind], consonants),
  ];
}

function baseOf(objectName: string, kinds: readonly ResemblanceKind[]): ResemblanceModel {
  const { Account, Contact, Lead, PersonAccount } = DEFAULT_MODELS;
  switch (objectName.toLowerCase()) {
    case 'account':
      return kinds.includes('lastName') ? PersonAccount : Account;
    case 'contact':
      return Contact;
    case 'lead':
      return Lead;
    default: {
      const known = new Set(Account.comparisons.map(({ thing }) => thing));
      const comparisons = [...Account.comparisons, ...Contact.comparisons.filter(({ thing }) => !known.has(thing))];
      const blocking = [...Account.blocking, ...Contact.blocking];
      // What identifies a thing of another object nobody knows: there is nothing to learn by.
      return { ...Account, comparisons, blocking, together: [['street', 'place']], training: [], certain: [] };
    }
  }
}

/** The model for what a person chose to compare of an object: its own where it has one, and a general one for every other field. */
export function chosenModel(objectName: string, kinds: readonly ResemblanceKind[]): ResemblanceModel {
  const base = baseOf(objectName, kinds);
  const texts = TEXT_KINDS.filter((kind) => kinds.includes(kind));
  const alone = kinds.length <= FEW ? kinds : texts;
  const all = [...kinds].sort();
  return {
    ...base,
    comparisons: [...base.comparisons, ...texts.map(textComparison)],
    blocking: [...base.blocking, ...alone.flatMap(rulesOf)],
    certain: [...base.certain, blockingRule('the same in everything', all, ...all)],
    chosen: true,
  };
}
