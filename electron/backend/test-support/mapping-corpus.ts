import { readdirSync, readFileSync } from 'node:fs';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';

/**
 * The header sets in `mapping/corpus`. A set is a line `# id language object file name` and a line of columns with semicolons
 * between: `header>target=values`. A target is a field, a lookup's header, `-` for a column rightly left alone, `A/B` where
 * both are right, `?A` where leaving it alone is right too. Values are `one|two`, or `@pool`; left out they are of the target's kind.
 */
export interface HeaderSet {
  readonly id: string;
  readonly language: string;
  readonly object: string;
  readonly fileName: string;
  readonly columns: readonly {
    readonly header: string;
    readonly right: readonly string[];
    readonly optional: boolean;
    readonly examples: readonly string[];
  }[];
}

const id = (prefix: string): string[] => [
  `${prefix}5g00000Ab1CdQ`.slice(0, 15),
  `${prefix}5g00000Xy2ZwR`.slice(0, 15),
  `${prefix}5g00000Qr3StU`.slice(0, 15),
];

const POOLS: Readonly<Record<string, readonly string[]>> = {
  num: ['10021', '10022', '10417'],
  code: ['K-1001', 'K-1002', 'K-2003'],
  sku: ['BX-100', 'BX-200', 'CR-7'],
  guid: ['5b9f1f0e-5d5b-4e7e-9a44-0d5a3a1c1b11', '0f3c2f57-90cc-4a1e-8b39-77a4d9a0c7aa'],
  first: ['Ana', 'Bruno', 'Chidi'],
  last: ['Meyer', 'Okafor', 'Silva'],
  full: ['Ana Meyer', 'Bruno Silva', 'Chidi Okafor'],
  company: ['Acme Ltd', 'Globex GmbH', 'Initech'],
  email: ['ana@acme.com', 'bruno@globex.io', 'chidi@initech.net'],
  phone: ['+49 30 1234567', '(415) 555-0132', '+55 11 4004-1234'],
  street: ['12 High Street', 'Hauptstr. 4', '8 rue de Lille'],
  city: ['Berlin', 'Austin', 'Lyon'],
  state: ['Bavaria', 'Texas', 'Ontario'],
  zip: ['10115', '78701', '69001'],
  country: ['Germany', 'United States', 'France'],
  url: ['https://www.acme.com', 'www.globex.io'],
  date: ['2025-03-01', '2025-04-12', '2024-12-31'],
  datetime: ['2025-03-01 10:15', '2025-04-12 18:00'],
  time: ['12:00:00', '13:30:00'],
  int: ['12', '340', '7'],
  money: ['1200.50', '980.00', '45000'],
  percent: ['10', '75', '90'],
  bool: ['true', 'false', 'true'],
  text: ['Call back next week', 'Met at the fair', 'Needs a quote'],
  title: ['Buyer', 'Head of Sales', 'CTO'],
  dept: ['Sales', 'IT'],
  deal: ['Acme renewal', 'Globex rollout 2025'],
  event: ['Spring Webinar', 'Expo 2025'],
  product: ['Pallet storage', 'Cold container'],
  gender: ['f', 'm'],
  salutation: ['Mr.', 'Ms.'],
  none: [],
};

/** Words in a field's name → the pool of what it holds. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^FirstName$/, 'first'],
  [/^LastName$/, 'last'],
  [/^SuppliedName|AssistantName$/, 'full'],
  [/^Salutation$/, 'salutation'],
  [/^Title$/, 'title'],
  [/^Department$/, 'dept'],
  [/^Company$|^Tradestyle$/, 'company'],
  [/Street$/, 'street'],
  [/City$/, 'city'],
  [/State$/, 'state'],
  [/PostalCode$/, 'zip'],
  [/Country$/, 'country'],
];

function poolOf(objectName: string, target: string, describe: SObjectDescribe): readonly string[] {
  const known = KINDS.find(([name]) => name.test(target))?.[1];
  if (known) return POOLS[known] ?? [];
  if (target === 'Name')
    return POOLS[objectName === 'Account' ? 'company' : objectName === 'Opportunity' ? 'deal' : 'product'] ?? [];
  const field = describe.fields.find(({ name }) => name === target);
  const byType: Record<string, string> = {
    email: 'email',
    phone: 'phone',
    url: 'url',
    date: 'date',
    datetime: 'datetime',
    time: 'time',
    currency: 'money',
    double: 'int',
    int: 'int',
    percent: 'percent',
    boolean: 'bool',
    textarea: 'text',
  };
  if (field && field.picklistValues.length > 0) return field.picklistValues.slice(0, 3).map(({ value }) => value);
  return (
    POOLS[byType[field?.type ?? ''] ?? (field?.externalId ? 'code' : /Number|Code/.test(target) ? 'num' : 'text')] ?? []
  );
}

function readColumn(text: string, objectName: string, describe: SObjectDescribe): HeaderSet['columns'][number] {
  const match = /^(.+?)>(\??)([^=]*)(?:=(.*))?$/.exec(text.trim());
  if (!match) throw new Error(`no column of the corpus: ${text}`);
  const [, header = '', optional = '', targets = '-', values] = match;
  const right = targets === '-' ? [] : targets.split('/');
  const pool = /^@(\w+)$/.exec(values ?? '')?.[1];
  const examples =
    values === undefined
      ? right[0] === undefined
        ? []
        : poolOf(objectName, right[0], describe)
      : pool === undefined
        ? values.split('|')
        : (POOLS[pool] ?? id(pool));
  return { header, right, optional: optional === '?', examples };
}

/** The sets of one split. Throws where a set names an object or a field that the practice org doesn't have. */
export function readHeaderSets(
  split: 'tuned' | 'scored',
  describes: ReadonlyMap<string, SObjectDescribe>,
): HeaderSet[] {
  const folder = new URL(`../mapping/corpus/${split}/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const lines = readFileSync(new URL(file, folder), 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '');
      return lines.flatMap((line, at): HeaderSet[] => {
        const head = /^# (\S+) (\S+) (\S+) (.+)$/.exec(line);
        if (!head) return [];
        const [, name = '', language = '', object = '', fileName = ''] = head;
        const describe = describes.get(object);
        if (!describe) throw new Error(`${name}: no object ${object}`);
        const columns = (lines[at + 1] ?? '').split(';').map((column) => readColumn(column, object, describe));
        for (const target of columns.flatMap(({ right }) => right)) {
          if (!target.includes('.') && !describe.fields.some((field) => field.name === target))
            throw new Error(`${name}: ${object} has no ${target}`);
        }
        return [{ id: name, language, object, fileName, columns }];
      });
    });
}

interface FieldFile {
  readonly name: string;
  readonly readOnly?: boolean;
  readonly required?: boolean;
  readonly formula?: unknown;
  readonly autoNumber?: unknown;
  readonly rollUp?: unknown;
  readonly type: string;
  readonly values?: readonly (string | { value: string; label?: string })[];
  readonly [key: string]: unknown;
}
interface ObjectFile {
  readonly name: string;
  readonly readOnly?: boolean;
  readonly fields: readonly FieldFile[];
  readonly [key: string]: unknown;
}

const SYSTEM: readonly FieldFile[] = [
  { name: 'Id', label: 'Record ID', type: 'id', readOnly: true, idLookup: true },
  { name: 'IsDeleted', label: 'Deleted', type: 'boolean', readOnly: true },
  { name: 'CreatedDate', label: 'Created Date', type: 'datetime', readOnly: true },
  {
    name: 'CreatedById',
    label: 'Created By ID',
    type: 'reference',
    readOnly: true,
    referenceTo: ['User'],
    relationshipName: 'CreatedBy',
  },
  { name: 'LastModifiedDate', label: 'Last Modified Date', type: 'datetime', readOnly: true },
  {
    name: 'LastModifiedById',
    label: 'Last Modified By ID',
    type: 'reference',
    readOnly: true,
    referenceTo: ['User'],
    relationshipName: 'LastModifiedBy',
  },
  { name: 'SystemModstamp', label: 'System Modstamp', type: 'datetime', readOnly: true },
];

/** The practice org's objects as its describes show them, read from its schema files so that no process has to start. */
export function practiceDescribes(): Map<string, SObjectDescribe> {
  const folder = new URL('../../practice-org/schema/objects/', import.meta.url);
  const describes = readdirSync(folder)
    .sort()
    .map((file) => {
      const object = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ObjectFile;
      const writable = !object.readOnly;
      const fields = [...SYSTEM, ...object.fields].map((field) => {
        const may =
          writable &&
          !field.readOnly &&
          [field.formula, field.autoNumber, field.rollUp].every((derived) => derived === undefined);
        return {
          ...field,
          autoNumber: field.autoNumber !== undefined,
          createable: may,
          updateable: may,
          nillable: !field.required && field.type !== 'boolean',
          defaultedOnCreate: Boolean(field['defaulted']) || field.type === 'boolean',
          custom: /__[cs]$/.test(field.name),
          idLookup: Boolean(field['externalId']) || Boolean(field['idLookup']),
          picklistValues: (field.values ?? []).map((entry) => ({
            active: true,
            label: null,
            ...(typeof entry === 'string' ? { value: entry } : entry),
          })),
        };
      });
      return SObjectDescribe.parse({
        ...object,
        custom: /__[ce]$/.test(object.name),
        createable: writable,
        updateable: writable,
        deletable: writable,
        queryable: true,
        fields,
      });
    });
  return new Map(describes.map((describe) => [describe.name, describe]));
}
