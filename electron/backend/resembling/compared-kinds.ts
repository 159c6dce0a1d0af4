import { RESEMBLANCE_KINDS, type ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import { isOfPersons } from '../../../shared/domain/required-fields.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { columnOf, type ComparedField } from '../duplicate-rules/plan-sides.ts';
import { DEFAULT_MODELS, modelFor, type ResemblanceModel } from '../duplicates/default-models.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';

/** Standard fields by what they say, those asked first that say it best (Object Reference, "Account", "Contact", "Lead"). */
type FieldsOf = Readonly<Partial<Record<ResemblanceKind, readonly string[]>>>;

/** An address is taken as a whole: of two the first that rows fill. */
const address = (...prefixes: string[]): FieldsOf => ({
  street: prefixes.map((prefix) => `${prefix}Street`),
  city: prefixes.map((prefix) => `${prefix}City`),
  postalCode: prefixes.map((prefix) => `${prefix}PostalCode`),
  state: prefixes.map((prefix) => `${prefix}State`),
});

const NAMES: FieldsOf = { firstName: ['FirstName'], lastName: ['LastName'] };

/** What each object's standard fields say; of a contact's company the lookup that names it. */
export const COMPARED_FIELDS: Readonly<Record<keyof typeof DEFAULT_MODELS, FieldsOf>> = {
  Account: {
    company: ['Name'],
    website: ['Website'],
    phone: ['Phone'],
    identifier: ['AccountNumber'],
    ...address('Billing', 'Shipping'),
  },
  Contact: {
    ...NAMES,
    company: ['AccountId'],
    email: ['Email'],
    phone: ['Phone'],
    mobile: ['MobilePhone'],
    birthDate: ['Birthdate'],
    ...address('Mailing', 'Other'),
  },
  Lead: {
    ...NAMES,
    company: ['Company'],
    email: ['Email'],
    phone: ['Phone'],
    mobile: ['MobilePhone'],
    website: ['Website'],
    ...address(''),
  },
  PersonAccount: {
    ...NAMES,
    email: ['PersonEmail'],
    phone: ['Phone', 'PersonHomePhone'],
    mobile: ['PersonMobilePhone'],
    birthDate: ['PersonBirthdate'],
    ...address('PersonMailing', 'Billing'),
  },
};

/** By what the rows of a plan are compared with the org's records. */
export interface ComparedKinds {
  readonly model: ResemblanceModel;
  /** Which records there are to compare with, as SOQL; null for all. */
  readonly condition: string | null;
  readonly fields: readonly { readonly kind: ResemblanceKind; readonly field: ComparedField['field'] }[];
}

/**
 * What the mapping and the org have of what a default model compares; null for objects that there is none for, and where rows fill too
 * little of it.
 */
export function comparedKinds(stored: StoredPlan): ComparedKinds | null {
  const { describe } = stored;
  const persons = fieldNamed(describe, 'IsPersonAccount') !== undefined;
  const isPerson = isOfPersons(describe, stored.plan.mapping);
  const name = isPerson ? 'PersonAccount' : describe.name;
  if (!(name === 'Account' || name === 'Contact' || name === 'Lead' || name === 'PersonAccount')) return null;
  const fields = RESEMBLANCE_KINDS.flatMap((kind) => {
    const field = (COMPARED_FIELDS[name][kind] ?? []).flatMap((one) => fieldNamed(describe, one) ?? []);
    const used = field.find((one) => columnOf(stored, one) !== undefined);
    return used ? [{ kind, field: used }] : [];
  });
  const model = DEFAULT_MODELS[name];
  if (modelFor(model, new Set(fields.map(({ kind }) => kind))).blocking.length === 0) return null;
  const condition = describe.name === 'Account' && persons ? `IsPersonAccount = ${isPerson ? 'true' : 'false'}` : null;
  return { model, condition, fields };
}

/** Whether the parent's name stands for a reference: a contact's company is its account's name. */
export function isByName({ kind, field }: ComparedKinds['fields'][number]): boolean {
  return kind === 'company' && field.type === 'reference';
}
