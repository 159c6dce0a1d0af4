import { onlyNames, type Operation } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { ADDRESS_PARTS, CONCEPTS, type Concept, type Scope } from './vocabulary/concepts.ts';
import { fold } from './vocabulary/fold.ts';
import { conceptsOf, prefixesFor, wordsFor } from './vocabulary/vocabulary.ts';

function isLoadable(field: FieldDescribe, operation: Operation): boolean {
  if (field.type === 'id') return operation !== 'insert';
  if (field.type === 'address' || field.type === 'location' || field.type === 'base64') return false;
  if (onlyNames(operation)) return false;
  if (operation === 'insert') return field.createable;
  return operation === 'update' ? field.updateable : field.createable || field.updateable;
}

function grouped<Key>(fields: readonly FieldDescribe[], keysOf: (field: FieldDescribe) => readonly Key[]) {
  const found = new Map<Key, FieldDescribe[]>();
  for (const field of fields) {
    for (const key of keysOf(field)) found.set(key, [...(found.get(key) ?? []), field]);
  }
  return found;
}

/** Fields whose scope is in their name: `Shipping` + `City`, `OtherPhone`. */
const SCOPED_PREFIXES: Record<Scope, readonly string[]> = {
  main: ['Billing', 'Mailing', ''],
  billing: ['Billing', 'Mailing', ''],
  mailing: ['Mailing', 'Billing', ''],
  shipping: ['Shipping'],
  home: ['Other'],
  other: ['Other'],
  mobile: [],
};

/** The fields of an object that an operation can fill, found by what a header may say of them. */
export class DescribedFields {
  readonly describe: SObjectDescribe;
  readonly loadable: readonly FieldDescribe[];
  readonly prefixes: readonly string[];
  /** What the object itself is called, folded. */
  readonly words: ReadonlySet<string>;
  /** The name of a record, where it can be given. */
  readonly nameField: FieldDescribe | undefined;
  readonly #byName: ReadonlyMap<string, FieldDescribe>;
  readonly #byLabel: ReadonlyMap<string, readonly FieldDescribe[]>;
  readonly #byConcept: ReadonlyMap<Concept, readonly FieldDescribe[]>;
  readonly #readOnly: ReadonlySet<string>;

  constructor(describe: SObjectDescribe, operation: Operation) {
    this.describe = describe;
    this.loadable = describe.fields.filter((field) => isLoadable(field, operation));
    this.words = wordsFor(describe);
    this.nameField = this.loadable.find((field) => field.nameField);
    this.prefixes = prefixesFor(describe);
    this.#byName = new Map(this.loadable.map((field) => [field.name.toLowerCase(), field]));
    const own = fold(describe.label);
    this.#byLabel = grouped(this.loadable, (field) => {
      const label = fold(field.label);
      // "Account Name" and "Name" both mean the object's Name; labels often repeat the object's own.
      const bare = [
        ...(label.startsWith(own) ? [label.slice(own.length)] : []),
        ...(label.endsWith(`in${own}`) ? [label.slice(0, -own.length - 2)] : []),
      ].filter((rest) => rest !== '');
      return [...new Set([label, fold(field.name), ...bare])];
    });
    this.#byConcept = grouped(
      this.loadable.filter((field) => field.custom || field.name.includes('__')),
      (field) => conceptsOf(fold(field.label)),
    );
    this.#readOnly = new Set(
      describe.fields
        // A number that the org gives of its own doesn't keep another system's from being loaded elsewhere.
        .filter((field) => !this.loadable.includes(field) && !(field.custom && field.autoNumber))
        .filter((field) => field.type !== 'address' && field.type !== 'location')
        .flatMap((field) => [fold(field.label), fold(field.name), fold(field.label).replace(/id$/, '')]),
    );
  }

  named(name: string): FieldDescribe | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Fields with this folded label or API name; a field whose whole label it is comes first. */
  labelled(folded: string): readonly FieldDescribe[] {
    const found = this.#byLabel.get(folded) ?? [];
    return [...found].sort((a, b) => Number(fold(b.label) === folded) - Number(fold(a.label) === folded));
  }

  isReadOnly(folded: string): boolean {
    return this.#readOnly.has(folded);
  }

  /** The fields that hold a concept, the likelier first. */
  holding(concept: Concept): readonly FieldDescribe[] {
    const standard = CONCEPTS[concept].flatMap((wanted: string) => {
      const [object, name] = wanted.includes('.') ? wanted.split('.') : [this.describe.name, wanted];
      const field = object === this.describe.name && name ? this.named(name) : undefined;
      return field ? [field] : [];
    });
    if (standard.length > 0) return standard;
    const custom = this.#byConcept.get(concept) ?? [];
    if (custom.length > 0) return custom.length === 1 ? custom : [];
    if (concept === 'email') return this.#only((field) => field.type === 'email');
    return concept === 'externalKey' ? this.#only((field) => field.externalId) : [];
  }

  /** The fields that hold a concept in one part of a life or a business: the city of the delivery address, the private phone. */
  holdingScoped(concept: Concept, scope: Scope): readonly FieldDescribe[] {
    const part = ADDRESS_PARTS.get(concept);
    if (part !== undefined) {
      return SCOPED_PREFIXES[scope].flatMap((prefix) => this.named(prefix + part) ?? []);
    }
    if (concept === 'phone') {
      const scopes: Partial<Record<Scope, Concept>> = { home: 'homePhone', other: 'otherPhone', mobile: 'mobile' };
      return scope === 'shipping' ? [] : this.holding(scopes[scope] ?? 'phone');
    }
    return scope === 'main' || scope === 'billing' || scope === 'mailing' ? this.holding(concept) : [];
  }

  /** An object with a single field for an e-mail address keeps its e-mail address there, and so with keys of other systems. */
  #only(wanted: (field: FieldDescribe) => boolean): readonly FieldDescribe[] {
    const found = this.loadable.filter(wanted);
    return found.length === 1 ? found : [];
  }
}

const KNOWN = new WeakMap<SObjectDescribe, Map<Operation, DescribedFields>>();

/** Built once a describe and operation: a describe is asked about many files, and one file about many columns. */
export function fieldsOf(describe: SObjectDescribe, operation: Operation): DescribedFields {
  const known = KNOWN.get(describe) ?? new Map<Operation, DescribedFields>();
  KNOWN.set(describe, known);
  const fields = known.get(operation) ?? new DescribedFields(describe, operation);
  known.set(operation, fields);
  return fields;
}
