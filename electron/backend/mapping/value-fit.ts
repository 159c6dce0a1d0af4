import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';

/** As many of a column's values as tell what it holds; more of them only cost time. */
const LOOKED_AT = 50;
/** A few odd cells don't say that a column is about something else; most of them do. */
const MOST = 0.7;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const URL_SHAPE = /^(?:https?:\/\/)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$/i;
const WEB = /^(?:https?:|www\.)/i;
const PHONE = /^[+(\d][\d\s()./+x-]{4,}(?:ext\.?\s*\d+)?$/i;
const NUMBER = /^[-+(]?\s*[$€£¥]?\s*\d[\d.,'’\s]*\s*(?:%|[$€£¥]|[A-Z]{3}|kg)?\)?$/;
const DATE =
  /^(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{8}|\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]+\d{2,4}|[A-Za-z]{3,9} \d{1,2}, \d{4})(?:[T ,].*)?$/;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]m|Z)?$/i;
const BOOLEAN =
  /^(?:true|false|yes|no|y|n|1|0|t|f|x|ja|nein|nee|oui|non|s[iíì]|no|sim|n[aã]o|wahr|falsch|vrai|faux|on|off|はい|いいえ|是|否)$/i;
/** Yes and no in words; digits could be anything. */
const ANSWER = /^(?:true|false|yes|no|ja|nein|nee|oui|non|s[iíì]|sim|n[aã]o)$/i;
const COMPANY =
  /(?:^|\s)(?:ltd|limited|gmbh|inc|llc|ag|kg|sarl|sas|s\.?a|b\.?v|n\.?v|corp|plc|s\.?p\.?a|s\.?r\.?l|ltda)\.?$|株式会社|有限公司|会社$/i;
const SALUTATION =
  /^(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|m|mme|mlle|sr|sra|srta|sig|sigra|dhr|mevr|mw)\.?(?:\s?(?:ra|a))?\.?$/i;

/** The values of a column, asked what they look like. Shapes are looked at once however many fields ask. */
export class ColumnValues {
  readonly values: readonly string[];
  readonly #shares = new Map<RegExp, number>();
  #ids: readonly string[] | null | undefined;

  constructor(examples: readonly string[]) {
    this.values = examples.slice(0, LOOKED_AT).flatMap((example) => {
      const value = example.trim();
      return value === '' ? [] : [value];
    });
  }

  get empty(): boolean {
    return this.values.length === 0;
  }

  share(shape: RegExp): number {
    const known = this.#shares.get(shape);
    if (known !== undefined) return known;
    const share = this.empty ? 0 : this.values.filter((value) => shape.test(value)).length / this.values.length;
    this.#shares.set(shape, share);
    return share;
  }

  mostly(shape: RegExp): boolean {
    return this.share(shape) >= MOST;
  }

  /** The record ids that the column is made of, or null where a value is no id. */
  get ids(): readonly string[] | null {
    if (this.#ids !== undefined) return this.#ids;
    const ids = this.values.flatMap((value) => {
      const normalised = normaliseRecordId(value);
      // Fifteen letters are a word as often as an id; ids have digits in their prefix's object and number.
      return 'id' in normalised && /\d/.test(value) ? [normalised.id] : [];
    });
    this.#ids = !this.empty && ids.length === this.values.length ? ids : null;
    return this.#ids;
  }

  idsOf(keyPrefix: string | null | undefined): boolean {
    return (
      this.ids !== null &&
      keyPrefix !== null &&
      keyPrefix !== undefined &&
      this.ids.every((id) => id.startsWith(keyPrefix))
    );
  }

  /** The share of values that are ids of one of these objects. */
  shareOfIds(keyPrefixes: readonly string[]): number {
    if (this.empty) return 0;
    const ids = this.values.filter(
      (value) => 'id' in normaliseRecordId(value) && keyPrefixes.some((prefix) => value.startsWith(prefix)),
    );
    return ids.length / this.values.length;
  }

  get emails(): boolean {
    return this.mostly(EMAIL);
  }

  /** First and last name in one: cells of two words and more. */
  get fullNames(): boolean {
    return this.mostly(/\S\s+\S/);
  }

  /** Some names of firms: people aren't called Ltd. */
  get companies(): boolean {
    return this.share(COMPANY) >= 0.25;
  }

  get salutations(): boolean {
    return this.mostly(SALUTATION);
  }

  /** Of a kind that can be told without the header. */
  get recognisable(): boolean {
    return this.ids !== null || this.emails || [WEB, DATE, ANSWER].some((shape) => this.mostly(shape));
  }

  /** The share of values that a picklist has. */
  among(entries: FieldDescribe['picklistValues']): number {
    if (this.empty) return 0;
    const known = new Set(entries.flatMap(({ value, label }) => [value.toLowerCase(), (label ?? value).toLowerCase()]));
    return this.values.filter((value) => known.has(value.toLowerCase())).length / this.values.length;
  }
}

/** Key prefixes of ids: the object's own, and by lower-case name those of other objects that are known. */
export interface KeyPrefixes {
  readonly own: string | null | undefined;
  readonly of: ReadonlyMap<string, string>;
}

/** The key prefixes of what a lookup takes, as far as they are known. */
function knownPrefixes(field: FieldDescribe, prefixes: KeyPrefixes): string[] {
  return field.referenceTo.flatMap((name) => prefixes.of.get(name.toLowerCase()) ?? []);
}

/**
 * Whether a field could take a column's values at all. Lenient: values to be cleaned are no reason to say no, values of
 * another kind are. A column without values could be anything.
 */
export function couldHold(field: FieldDescribe, values: ColumnValues, prefixes: KeyPrefixes): boolean {
  if (values.empty) return true;
  switch (field.type) {
    case 'id':
      return prefixes.own ? values.idsOf(prefixes.own) : values.ids !== null;
    case 'reference': {
      const known = knownPrefixes(field, prefixes);
      // Objects whose prefix isn't known here may be meant by any id.
      return known.length === field.referenceTo.length && known.length > 0
        ? (values.ids?.every((id) => known.some((prefix) => id.startsWith(prefix))) ?? false)
        : values.ids !== null;
    }
    case 'boolean':
      return values.mostly(BOOLEAN);
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
    case 'long':
      return values.mostly(NUMBER);
    case 'date':
    case 'datetime':
      return values.mostly(DATE);
    case 'time':
      return values.mostly(CLOCK);
    case 'email':
      return values.emails;
    case 'phone':
      return values.mostly(PHONE);
    case 'url':
      return values.mostly(URL_SHAPE);
    default:
      return couldBeText(field, values);
  }
}

/**
 * Whether values deny what a header plainly says. Bad e-mail addresses are still an e-mail column, to be checked and mended; a
 * column of yes and no is something else. Half of a lookup's values are ids of its objects (the others are told row by row), and of an
 * Id's at least one is its own.
 */
export function denies(field: FieldDescribe, values: ColumnValues, prefixes: KeyPrefixes): boolean {
  if (couldHold(field, values, prefixes)) return false;
  if (field.type === 'id') return values.shareOfIds([prefixes.own ?? '']) === 0;
  if (field.type === 'reference') return values.shareOfIds(knownPrefixes(field, prefixes)) < 0.5;
  return values.recognisable;
}

/** Text takes anything, but nobody's name is an e-mail address and no status a date. */
function couldBeText(field: FieldDescribe, values: ColumnValues): boolean {
  if (field.externalId) return true;
  if (values.emails || values.ids !== null) return field.type === 'string' && /mail|user|key|id$/i.test(field.name);
  const chosen = field.type === 'picklist' || field.type === 'multipicklist';
  if (chosen) return !values.mostly(DATE) && !values.mostly(/^https?:/i);
  if (field.type === 'string' && values.mostly(WEB)) return /url|web|link/i.test(field.name);
  if (field.name === 'FirstName' || field.name === 'LastName') return !values.mostly(/\d/);
  return true;
}
