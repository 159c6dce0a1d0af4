import type { RecordStore, RecordTable, Stored, StoredRecord } from './record-store.ts';

/**
 * The part of Salesforce's formula language that the schema files use (Salesforce Help, "Formula Operators and
 * Functions A–Z"): operators, field paths over lookups, and the functions in FUNCTIONS. Blank numbers count as zero in
 * arithmetic and blank texts as empty; comparisons with a blank are false.
 */
export type Formula = (record: StoredRecord, scope: FormulaScope) => Stored;

export interface FormulaScope {
  readonly now: number;
  /** The record before this save, for ISNEW, ISCHANGED and PRIORVALUE. */
  readonly before?: StoredRecord | null;
}

export class FormulaError extends Error {}

type Reader = (table: RecordTable, record: StoredRecord, name: string) => Stored;
type Token = { kind: 'number' | 'text' | 'name' | 'op'; text: string };

function tokenise(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s+|\/\*[^]*?\*\/|(\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([A-Za-z_][\w.]*)|(<>|!=|<=|>=|==|&&|\|\||[-+*/^&=<>(),!])/gy;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) throw new FormulaError(`Syntax error at ${at + 1}: ${source.slice(at, at + 10)}`);
    const [, number, double, single, name, op] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (double !== undefined || single !== undefined)
      tokens.push({ kind: 'text', text: (double ?? single ?? '').replace(/\\(.)/g, '$1') });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (op !== undefined) tokens.push({ kind: 'op', text: op });
  }
  return tokens;
}

const number = (value: Stored): number => {
  if (value === null || value === '') return 0;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)) return Date.parse(value) / 86_400_000;
  return Number(value);
};
const text = (value: Stored): string => (value === null ? '' : String(value));
const truth = (value: Stored): boolean => value === true;
const blank = (value: Stored): boolean => value === null || value === '';
const isDate = (value: Stored): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:T|$)/.test(value);

function compare(a: Stored, b: Stored): number {
  if (isDate(a) || isDate(b)) return number(a) - number(b);
  if (typeof a === 'number' || typeof b === 'number') return number(a) - number(b);
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
}

const day = (value: Stored): Date => new Date(`${text(value).slice(0, 10)}T00:00:00Z`);
const round = (value: number, digits: number): number => {
  const factor = 10 ** digits;
  return (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor;
};

/** Functions of their values only; the ones that must not evaluate everything are in `special`. */
const FUNCTIONS: Record<string, (args: Stored[]) => Stored> = {
  NOT: ([a = null]) => !truth(a),
  ISBLANK: ([a = null]) => blank(a),
  ISNULL: ([a = null]) => blank(a),
  ISNUMBER: ([a = null]) => !blank(a) && Number.isFinite(Number(a)),
  ISPICKVAL: ([a = null, b = null]) => text(a) === text(b),
  INCLUDES: ([a = null, b = null]) => text(a).split(';').includes(text(b)),
  TEXT: ([a = null]) => text(a),
  VALUE: ([a = null]) => (blank(a) ? null : Number(a)),
  LEN: ([a = null]) => text(a).length,
  LEFT: ([a = null, n = 0]) => text(a).slice(0, number(n)),
  RIGHT: ([a = null, n = 0]) => (number(n) <= 0 ? '' : text(a).slice(-number(n))),
  MID: ([a = null, from = 1, n = 0]) => text(a).slice(number(from) - 1, number(from) - 1 + number(n)),
  UPPER: ([a = null]) => text(a).toUpperCase(),
  LOWER: ([a = null]) => text(a).toLowerCase(),
  TRIM: ([a = null]) => text(a).trim(),
  CONTAINS: ([a = null, b = null]) => text(a).includes(text(b)),
  BEGINS: ([a = null, b = null]) => text(a).startsWith(text(b)),
  SUBSTITUTE: ([a = null, b = null, c = null]) => text(a).replaceAll(text(b), text(c)),
  FIND: ([a = null, b = null]) => text(b).indexOf(text(a)) + 1,
  ROUND: ([a = null, n = 0]) => round(number(a), number(n)),
  FLOOR: ([a = null]) => Math.floor(number(a)),
  CEILING: ([a = null]) => Math.ceil(number(a)),
  ABS: ([a = null]) => Math.abs(number(a)),
  MOD: ([a = null, b = null]) => number(a) % number(b),
  MIN: (args) => Math.min(...args.map(number)),
  MAX: (args) => Math.max(...args.map(number)),
  YEAR: ([a = null]) => (blank(a) ? null : day(a).getUTCFullYear()),
  MONTH: ([a = null]) => (blank(a) ? null : day(a).getUTCMonth() + 1),
  DAY: ([a = null]) => (blank(a) ? null : day(a).getUTCDate()),
  DATEVALUE: ([a = null]) => (blank(a) ? null : text(a).slice(0, 10)),
  DATE: ([y = null, m = null, d = null]) =>
    new Date(Date.UTC(number(y), number(m) - 1, number(d))).toISOString().slice(0, 10),
};

/** Compiles a formula for records of `table`. `read` gives a field's value, formula fields included. */
export function compileFormula(source: string, table: RecordTable, store: RecordStore, read: Reader): Formula {
  const tokens = tokenise(source);
  let at = 0;
  const peek = (): string | null => (tokens[at]?.kind === 'op' ? (tokens[at]?.text ?? null) : null);
  const expect = (op: string): void => {
    if (peek() !== op) throw new FormulaError(`Syntax error. Missing '${op}' in: ${source}`);
    at++;
  };

  const path = (name: string): Formula => {
    const [head = '', ...rest] = name.split('.');
    if (rest.length === 0) {
      const field = table.field(head);
      if (!field) throw new FormulaError(`Field ${head} does not exist. Check spelling.`);
      return (record) => read(table, record, field.name);
    }
    const follow = (from: RecordTable, record: StoredRecord, parts: string[]): Stored => {
      const [part = '', ...more] = parts;
      if (more.length === 0) return read(from, record, part);
      const lookup = from.lookup(part);
      const id = lookup ? record[lookup.slot] : null;
      const parentTable = typeof id === 'string' ? store.tableOfId(id) : undefined;
      const parent = parentTable?.records.get(String(id));
      return parentTable && parent ? follow(parentTable, parent, more) : null;
    };
    if (!table.lookup(head)) throw new FormulaError(`Field ${head} does not exist. Check spelling.`);
    return (record) => follow(table, record, [head, ...rest]);
  };

  const special = (name: string, args: Formula[], names: string[]): Formula | null => {
    const [a, b, c] = args;
    const fieldAt0 = table.field(names[0] ?? '');
    switch (name) {
      case 'IF':
        return (record, scope) => (truth(a?.(record, scope) ?? null) ? b?.(record, scope) : c?.(record, scope)) ?? null;
      case 'AND':
        return (record, scope) => args.every((arg) => truth(arg(record, scope)));
      case 'OR':
        return (record, scope) => args.some((arg) => truth(arg(record, scope)));
      case 'BLANKVALUE':
      case 'NULLVALUE':
        return (record, scope) => {
          const value = a?.(record, scope) ?? null;
          return blank(value) ? (b?.(record, scope) ?? null) : value;
        };
      case 'CASE':
        return (record, scope) => {
          const value = a?.(record, scope) ?? null;
          for (let i = 1; i + 1 < args.length; i += 2)
            if (compare(args[i]?.(record, scope) ?? null, value) === 0) return args[i + 1]?.(record, scope) ?? null;
          return args.at(-1)?.(record, scope) ?? null;
        };
      case 'TODAY':
        return (_record, scope) => new Date(scope.now).toISOString().slice(0, 10);
      case 'NOW':
        return (_record, scope) => new Date(scope.now).toISOString();
      case 'ISNEW':
        return (_record, scope) => scope.before === null;
      case 'ISCHANGED':
        return (record, scope) =>
          Boolean(scope.before && fieldAt0) && scope.before?.[fieldAt0?.slot ?? 0] !== record[fieldAt0?.slot ?? 0];
      case 'PRIORVALUE':
        return (record, scope) => (scope.before ?? record)[fieldAt0?.slot ?? 0] ?? null;
      case 'REGEX': {
        const pattern = b?.([], { now: 0 });
        // Schema files are written by whoever starts the org, not by its clients.
        // eslint-disable-next-line security/detect-non-literal-regexp -- see above
        const compiled = new RegExp(`^(?:${text(pattern ?? null)})$`);
        return (record, scope) => compiled.test(text(a?.(record, scope) ?? null));
      }
      default:
        return null;
    }
  };

  const call = (name: string): Formula => {
    const args: Formula[] = [];
    const names: string[] = [];
    expect('(');
    while (peek() !== ')') {
      names.push(tokens[at]?.text ?? '');
      args.push(expression(0));
      if (peek() === ',') at++;
      else if (peek() !== ')') throw new FormulaError(`Syntax error. Missing ')' in: ${source}`);
    }
    expect(')');
    const upper = name.toUpperCase();
    const made = special(upper, args, names);
    if (made) return made;
    const plain = FUNCTIONS[upper];
    if (!plain) throw new FormulaError(`Unknown function ${name}. Check spelling.`);
    return (record, scope) => plain(args.map((arg) => arg(record, scope)));
  };

  const primary = (): Formula => {
    const token = tokens[at++];
    if (!token) throw new FormulaError(`Syntax error: unexpected end of ${source}`);
    if (token.kind === 'number') return () => Number(token.text);
    if (token.kind === 'text') return () => token.text;
    if (token.kind === 'name') {
      if (/^(?:true|false)$/i.test(token.text)) return () => /^true$/i.test(token.text);
      if (/^null$/i.test(token.text)) return () => null;
      return peek() === '(' ? call(token.text) : path(token.text);
    }
    if (token.text === '(') {
      const inner = expression(0);
      expect(')');
      return inner;
    }
    if (token.text === '-') {
      const inner = expression(7);
      return (record, scope) => -number(inner(record, scope));
    }
    if (token.text === '!') {
      const inner = expression(7);
      return (record, scope) => !truth(inner(record, scope));
    }
    throw new FormulaError(`Syntax error: unexpected ${token.text} in ${source}`);
  };

  const LEVELS: Record<string, number> = {
    '||': 1,
    '&&': 2,
    '=': 3,
    '==': 3,
    '<>': 3,
    '!=': 3,
    '<': 4,
    '<=': 4,
    '>': 4,
    '>=': 4,
    '&': 5,
    '+': 5,
    '-': 5,
    '*': 6,
    '/': 6,
    '^': 8,
  };
  const operate = (op: string, left: Formula, right: Formula): Formula => {
    const both =
      (work: (a: Stored, b: Stored) => Stored): Formula =>
      (record, scope) =>
        work(left(record, scope), right(record, scope));
    const ordered = (test: (order: number) => boolean): Formula =>
      both((a, b) => !blank(a) && !blank(b) && test(compare(a, b)));
    switch (op) {
      case '||':
        return (record, scope) => truth(left(record, scope)) || truth(right(record, scope));
      case '&&':
        return (record, scope) => truth(left(record, scope)) && truth(right(record, scope));
      case '=':
      case '==':
        return both((a, b) => (blank(a) || blank(b) ? blank(a) && blank(b) : compare(a, b) === 0));
      case '<>':
      case '!=':
        return both((a, b) => (blank(a) || blank(b) ? blank(a) !== blank(b) : compare(a, b) !== 0));
      case '<':
        return ordered((order) => order < 0);
      case '<=':
        return ordered((order) => order <= 0);
      case '>':
        return ordered((order) => order > 0);
      case '>=':
        return ordered((order) => order >= 0);
      case '&':
        return both((a, b) => text(a) + text(b));
      case '+':
        return both((a, b) =>
          typeof a === 'string' && !isDate(a)
            ? a + text(b)
            : isDate(a)
              ? new Date((number(a) + number(b)) * 86_400_000).toISOString().slice(0, text(a).length === 10 ? 10 : 24)
              : number(a) + number(b),
        );
      case '-':
        return both((a, b) =>
          isDate(a) && !isDate(b)
            ? new Date((number(a) - number(b)) * 86_400_000).toISOString().slice(0, text(a).length === 10 ? 10 : 24)
            : number(a) - number(b),
        );
      case '*':
        return both((a, b) => number(a) * number(b));
      case '/':
        return both((a, b) => (number(b) === 0 ? null : number(a) / number(b)));
      default:
        return both((a, b) => number(a) ** number(b));
    }
  };
  const expression = (level: number): Formula => {
    let left = primary();
    for (;;) {
      const op = peek();
      const own = op === null ? undefined : LEVELS[op];
      if (op === null || own === undefined || own <= level) return left;
      at++;
      left = operate(op, left, expression(op === '^' ? own - 1 : own));
    }
  };
  const compiled = expression(0);
  if (at < tokens.length) throw new FormulaError(`Syntax error. Extra ${tokens[at]?.text ?? ''} in: ${source}`);
  return compiled;
}
