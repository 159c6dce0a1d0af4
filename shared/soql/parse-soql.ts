import { unquoted } from './quoted-text.ts';
import {
  LIST_COMPARISONS,
  ONE_COMPARISONS,
  type BeyondBuilder,
  type ReadSoql,
  type SoqlComparison,
  type SoqlExpected,
  type SoqlFilter,
  type SoqlOrder,
  type SoqlQuery,
  type SoqlValue,
} from './soql-query.ts';
import { errorOf, NotSoql, tokensOf, type Token } from './soql-tokens.ts';

class Beyond extends Error {
  readonly beyond: BeyondBuilder;

  constructor(beyond: BeyondBuilder) {
    super('beyond the builder');
    this.beyond = beyond;
  }
}

/** Words that stand bare as a value (SOQL and SOSL Reference, "Date Formats and Date Literals"). */
const BARE_WORD =
  /^(?:true|false|null|yesterday|today|tomorrow|(?:last|this|next)_(?:week|month|quarter|year|fiscal_quarter|fiscal_year)|(?:last|next)_90_days)$/i;
const BARE_SPAN =
  /^(?:last|next)_n_(?:days|weeks|months|quarters|years|fiscal_quarters|fiscal_years):\d+$|^n_(?:days|weeks|months|quarters|years|fiscal_quarters|fiscal_years)_ago:\d+$/i;
/** Words that begin what follows a list of fields, an object, or a condition: none is a field there. */
const RESERVED =
  /^(?:select|from|where|and|or|not|order|by|limit|like|in|includes|excludes|asc|desc|nulls|group|having|offset|with|using|for|all)$/i;
/** Clauses that only a text has, where they may begin. */
const CLAUSES = ['USING SCOPE', 'WITH', 'GROUP BY', 'HAVING', 'OFFSET', 'FOR', 'ALL ROWS', 'UPDATE'] as const;

/** SOQL as a query that can be shown part by part, or why it can't be, or where it goes wrong. */
export function parseSoql(soql: string): ReadSoql {
  let reader: Reader | null = null;
  try {
    reader = new Reader(tokensOf(soql));
    return { kind: 'query', query: reader.query() };
  } catch (error) {
    if (error instanceof Beyond) return { kind: 'beyond', beyond: error.beyond, fields: reader?.selected ?? null };
    if (error instanceof NotSoql) return { kind: 'error', error: errorOf(soql, error) };
    throw error;
  }
}

class Reader {
  readonly #tokens: readonly Token[];
  #place = 0;
  /** The fields that are selected, once they are read. */
  selected: readonly string[] | null = null;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): SoqlQuery {
    this.#must('SELECT');
    const fields = this.#list(() => this.#selected());
    this.selected = fields;
    this.#must('FROM');
    const objectName = this.#name('object');
    this.#endOfObject();
    const { join, filters } = this.#conditions();
    this.#clauses();
    const order = this.#words('ORDER', 'BY') ? this.#list(() => this.#ordered()) : [];
    const limit = this.#words('LIMIT') ? this.#wholeNumber() : null;
    this.#clauses();
    if (this.#token.kind !== 'end') throw this.#wrong('end');
    return { objectName, fields, join, filters, order, limit };
  }

  get #token(): Token {
    return this.#ahead(0);
  }

  #ahead(count: number): Token {
    const token = this.#tokens[this.#place + count] ?? this.#tokens.at(-1);
    if (!token) throw new Error('a text without an end');
    return token;
  }

  #wrong(expected: SoqlExpected): NotSoql {
    return new NotSoql(this.#token.offset, this.#token.text, expected);
  }

  #is(word: string, ahead = 0): boolean {
    return this.#ahead(ahead).text.toUpperCase() === word;
  }

  /** Goes past words that stand there, in whatever case. */
  #words(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.#is(word, index))) return false;
    this.#place += words.length;
    return true;
  }

  #must(word: string): void {
    if (!this.#words(word)) throw this.#wrong({ word });
  }

  #list<T>(one: () => T): T[] {
    const all = [one()];
    while (this.#words(',')) all.push(one());
    return all;
  }

  #name(expected: 'field' | 'object'): string {
    const { kind, text } = this.#token;
    // An amount in a currency, `USD500`, has a name's letters.
    const isName = kind === 'word' || (kind === 'bare' && /^[a-z]\w*$/i.test(text));
    if (!isName || RESERVED.test(text)) throw this.#wrong(expected);
    this.#place++;
    if (this.#is('(')) throw new Beyond('function');
    return text;
  }

  #selected(): string {
    if (this.#is('(') && this.#is('SELECT', 1)) throw new Beyond('child-query');
    if (this.#is('TYPEOF')) throw new Beyond('typeof');
    return this.#name('field');
  }

  #endOfObject(): void {
    if (this.#is(',') || this.#is('AS')) throw new Beyond('alias');
    this.#clauses();
    const { kind, text } = this.#token;
    if (kind !== 'word' || RESERVED.test(text)) return;
    const next = this.#ahead(1);
    if (next.kind === 'end' || next.text === ',' || RESERVED.test(next.text)) throw new Beyond('alias');
    throw this.#wrong({ word: 'WHERE' });
  }

  #clauses(): void {
    const clause = CLAUSES.find((one) => one.split(' ').every((word, index) => this.#is(word, index)));
    if (clause !== undefined) throw new Beyond({ clause });
  }

  #conditions(): Pick<SoqlQuery, 'join' | 'filters'> {
    if (!this.#words('WHERE')) return { join: 'AND', filters: [] };
    const filters = [this.#condition()];
    const joins = new Set<'AND' | 'OR'>();
    for (;;) {
      const join = this.#words('AND') ? 'AND' : this.#words('OR') ? 'OR' : null;
      if (join === null) break;
      joins.add(join);
      filters.push(this.#condition());
    }
    if (joins.size > 1) throw new Beyond('nested-conditions');
    return { join: joins.has('OR') ? 'OR' : 'AND', filters };
  }

  #condition(): SoqlFilter {
    if (this.#is('NOT')) throw new Beyond('nested-conditions');
    if (!this.#words('(')) return this.#compared();
    // What stands in brackets alone needs none.
    const filter = this.#condition();
    if (this.#is('AND') || this.#is('OR')) throw new Beyond('nested-conditions');
    this.#must(')');
    return filter;
  }

  #compared(): SoqlFilter {
    const field = this.#name('field');
    const comparison = this.#comparison();
    const isList = LIST_COMPARISONS.some((one) => one === comparison);
    if (!isList) return { field, comparison, values: [this.#value('value', comparison === 'LIKE')] };
    if (this.#is('(') && this.#is('SELECT', 1)) throw new Beyond('condition-query');
    this.#must('(');
    const values = this.#list(() => this.#value('list-value', false));
    this.#must(')');
    return { field, comparison, values };
  }

  #comparison(): SoqlComparison {
    if (this.#words('<>')) return '!=';
    if (this.#words('NOT', 'IN')) return 'NOT IN';
    const found = [...ONE_COMPARISONS, ...LIST_COMPARISONS].find((one) => this.#words(one));
    if (found === undefined) throw this.#wrong('comparison');
    return found;
  }

  #value(expected: 'value' | 'list-value', isPattern: boolean): SoqlValue {
    const token = this.#token;
    const { kind, text } = token;
    if (kind === 'text') {
      const plain = unquoted(token, isPattern);
      if (plain === null) throw new Beyond('pattern');
      this.#place++;
      return { kind: 'text', text: plain };
    }
    if (!isBare(token) || isPattern) throw this.#wrong(expected);
    this.#place++;
    return { kind: 'bare', text };
  }

  #ordered(): SoqlOrder {
    const field = this.#name('field');
    const descending = this.#words('DESC');
    if (!descending) this.#words('ASC');
    if (!this.#words('NULLS')) return { field, descending, nulls: null };
    const nulls = this.#words('FIRST') ? 'FIRST' : this.#words('LAST') ? 'LAST' : null;
    if (nulls === null) throw this.#wrong('one-null-order');
    return { field, descending, nulls };
  }

  #wholeNumber(): number {
    const { kind, text } = this.#token;
    const number = Number(text);
    if (kind !== 'bare' || !/^\d{1,10}$/.test(text) || !Number.isSafeInteger(number)) throw this.#wrong('whole-number');
    this.#place++;
    return number;
  }
}

function isBare({ kind, text }: Token): boolean {
  if (kind === 'word') return BARE_WORD.test(text);
  return kind === 'bare' && (!/^[A-Za-z_]+:/.test(text) || BARE_SPAN.test(text));
}

/** Whether a text can stand as a value without quotes. */
export function isBareValue(text: string): boolean {
  try {
    const tokens = tokensOf(text);
    return tokens.length === 2 && tokens[0]?.text === text && isBare(tokens[0]);
  } catch {
    return false;
  }
}
