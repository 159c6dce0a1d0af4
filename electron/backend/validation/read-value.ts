import { distance } from 'fastest-levenshtein';
import type { IssueFacts, IssueLevel, ValueIssueCode } from '../../../shared/domain/field-issue.ts';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import { fieldTypeOf } from '../../../shared/field-types/all-field-types.ts';
import { canBeCut } from '../../../shared/field-types/cut-text.ts';
import { plainText, readDecimal, roundHalfUp } from '../../../shared/field-types/decimal.ts';
import { value, type FieldType, type ParseContext, type ParsedValue } from '../../../shared/field-types/field-type.ts';
import { trimEdges } from '../../../shared/match/white-space.ts';
import type { HeldAs } from './distinct-values.ts';

interface Remark {
  readonly code: ValueIssueCode;
  readonly level: IssueLevel;
  readonly facts: IssueFacts;
}

/** What a value comes to: the text to send, its canonical form, and what there is to say of it. */
interface ReadValue {
  readonly api: string;
  readonly canonical: string;
  readonly remarks: readonly Remark[];
}

type Mended = Pick<ColumnMapping, 'replacements' | 'fixes'>;

/** Values of a column that are looked at though nothing else makes them suspicious, as they stand in the file. */
export function namedValues({ replacements, fixes }: Mended): string[] {
  return [...Object.keys(replacements), ...fixes.flatMap((fix) => (fix.kind === 'exclude' ? [fix.value] : []))];
}

/** Whether something is to be done where a cell is blank. */
export function mendsBlanks({ fixes }: Mended): boolean {
  return fixes.some((fix) => fix.kind === 'fill' || (fix.kind === 'exclude' && fix.value === ''));
}

/** Offered values that are told. */
const OFFERED = 12;

/**
 * Reads values of a column as its field's type, and does with them what a person chose, in this order whatever the order of the
 * choices: rows left out are not read; a replacement stands for the whole value; blanks are filled; then the value is read by the
 * column's format; then a number is rounded, and a text cut off. Equal texts come to equal values.
 */
export class ValueReader {
  readonly #replacements: Mended['replacements'];
  readonly #context: ParseContext;
  readonly #fieldType: FieldType;
  readonly #chosen: ReadonlySet<ColumnFix['kind']>;
  readonly #excluded: ReadonlySet<string>;
  readonly #fill: string | undefined;
  readonly #offered: readonly string[];

  constructor({ fixes, replacements }: Mended, context: ParseContext) {
    this.#replacements = replacements;
    this.#context = context;
    this.#fieldType = fieldTypeOf(context.field);
    this.#chosen = new Set(fixes.map(({ kind }) => kind));
    this.#excluded = new Set(fixes.flatMap((fix) => (fix.kind === 'exclude' ? [fix.value] : [])));
    this.#fill = fixes.findLast((fix) => fix.kind === 'fill')?.text;
    this.#offered = context.field.picklistValues.flatMap((entry) => (entry.active ? [entry.value] : []));
  }

  /**
   * A number that the file holds as one is read as it stands, whatever the column's format. Where a text says the same and the
   * format would make another number of it, no one can tell the two apart: it is asked about.
   */
  read(raw: string, heldAs: HeldAs = 'text'): ReadValue {
    const own = trimEdges(raw);
    const isBlank = own === '';
    if (this.#excluded.has(isBlank ? '' : raw)) {
      return { api: raw, canonical: raw, remarks: [{ code: 'LEFT_OUT', level: 'row', facts: {} }] };
    }
    const remarks: Remark[] = [];
    const mended = isBlank ? this.#fill : Object.hasOwn(this.#replacements, raw) ? this.#replacements[raw] : undefined;
    const text = mended === undefined ? own : trimEdges(mended);
    if (mended !== undefined && mended !== raw) {
      remarks.push({ code: isBlank ? 'BLANK_FILLED' : 'VALUE_REPLACED', level: 'fix', facts: { readAs: text } });
    } else if (text !== raw) {
      remarks.push({ code: 'SPACES_TRIMMED', level: 'fix', facts: {} });
    }
    if (text === '') return { api: '', canonical: '', remarks };
    if (text === '#N/A') {
      return { api: text, canonical: '', remarks: [{ code: 'NULL_MARKER', level: 'warn', facts: {} }, ...remarks] };
    }
    const context = mended === undefined ? this.#contextOf(heldAs) : this.#context;
    const parsed = this.#mend(this.#fieldType.parse(text, context), text);
    if (parsed.kind === 'issue') {
      const wrong: Remark = { code: parsed.code, level: 'row', facts: this.#closestFirst(parsed.facts, text) };
      return { api: text, canonical: text, remarks: [wrong, ...remarks] };
    }
    if (parsed.notes.length === 0) return { api: parsed.api, canonical: parsed.canonical, remarks };
    const notes = parsed.notes.map((note) => ({ ...note, facts: this.#closestFirst(note.facts, text) }));
    return { api: parsed.api, canonical: parsed.canonical, remarks: [...notes, ...remarks] };
  }

  #contextOf(heldAs: HeldAs): ParseContext {
    if (heldAs === 'text' || this.#context.decimal === 'point') return this.#context;
    return { ...this.#context, decimal: heldAs === 'number' ? 'point' : 'ambiguous' };
  }

  #mend(parsed: ParsedValue, text: string): ParsedValue {
    if (this.#chosen.has('round')) return this.#round(parsed);
    return this.#chosen.has('truncate') ? this.#cut(parsed, text) : parsed;
  }

  /** To the field's decimals; of a whole-number field, which takes no others, to a whole number. */
  #round(parsed: ParsedValue): ParsedValue {
    const fine = parsed.kind === 'issue' ? parsed : parsed.notes.find(({ code }) => code === 'NUMBER_MORE_DECIMALS');
    const text = parsed.kind === 'value' ? parsed.api : parsed.facts['readAs'];
    const number = typeof text === 'string' ? readDecimal(text) : null;
    const after = fine?.facts['after'];
    if (number === null || typeof after !== 'number' || number.fraction.length <= after) return parsed;
    const readAs = plainText(roundHalfUp(number, after));
    const again = this.#fieldType.parse(readAs, { ...this.#context, decimal: 'point' });
    if (again.kind === 'issue') return again;
    const others = parsed.kind === 'value' ? parsed.notes.filter((note) => note !== fine) : [];
    return value(again.api, again.canonical, [...others, { code: 'NUMBER_ROUNDED', level: 'fix', facts: { readAs } }]);
  }

  #cut(parsed: ParsedValue, text: string): ParsedValue {
    const max = parsed.kind === 'issue' && parsed.code === 'TEXT_TOO_LONG' ? parsed.facts['max'] : undefined;
    if (typeof max !== 'number' || !canBeCut(this.#context.field)) return parsed;
    // Half of a character outside the first plane is none.
    const kept = trimEdges(text.slice(0, max).replace(/[\uD800-\uDBFF]$/, ''));
    const again = this.#fieldType.parse(kept, this.#context);
    if (again.kind === 'issue') return again;
    const facts = { length: text.length, max };
    return value(again.api, again.canonical, [...again.notes, { code: 'TEXT_CUT', level: 'fix', facts }]);
  }

  /** What a picklist offers, most like the text first: which of them was meant is asked. */
  #closestFirst(facts: IssueFacts, text: string): IssueFacts {
    if (facts['offered'] === undefined) return facts;
    const wrong = (typeof facts['part'] === 'string' ? facts['part'] : text).toLowerCase();
    const far = new Map(this.#offered.map((one) => [one, distance(wrong, one.toLowerCase())]));
    const sorted = [...this.#offered].sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0));
    return { ...facts, offered: sorted.slice(0, OFFERED) };
  }
}
