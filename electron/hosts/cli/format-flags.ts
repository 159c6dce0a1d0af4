import { InvalidArgumentError } from 'commander';
import { ValueFormat, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { placeOf } from './place-of.ts';

/** How values of one column, or of all that do not say so themselves, are written. */
interface FormatAnswer {
  /** A column's name; null for all columns. */
  readonly column: string | null;
  readonly format: ValueFormat;
}

export interface FormatFlags {
  readonly dateOrder?: readonly FormatAnswer[];
  readonly decimalMark?: readonly FormatAnswer[];
}

/** Reads `dmy` or `Close Date=dmy`, given as often as there are columns to answer for. */
function answerReader(
  name: 'dateOrder' | 'decimal',
): (text: string, before?: readonly FormatAnswer[]) => FormatAnswer[] {
  return (text, before = []) => {
    const [, column, choice] = /^(?:(.*)=)?([^=]*)$/s.exec(text) ?? [];
    const format = ValueFormat.safeParse({ [name]: choice?.toLowerCase() });
    if (!format.success) {
      const allowed = ValueFormat.shape[name].unwrap().options.join(', ');
      throw new InvalidArgumentError(`Use ${allowed}, alone or after a column name and “=”.`);
    }
    return [...before, { column: column ?? null, format: format.data }];
  };
}

export const readDateOrder = answerReader('dateOrder');
export const readDecimalMark = answerReader('decimal');

/** The mapping with the formats given; a column's own answer goes before one for all. Throws `UsageError` for a column that is not there. */
export function withFormats(
  mapping: FieldMapping,
  columns: readonly SourceColumn[],
  { dateOrder = [], decimalMark = [] }: FormatFlags,
): FieldMapping {
  const answers = [...dateOrder, ...decimalMark].map(({ column, format }) => ({
    place: column === null ? null : placeOf(columns, column),
    format,
  }));
  const formatOf = (index: number): ValueFormat => {
    const general = answers.filter(({ place }) => place === null);
    const own = answers.filter(({ place }) => place === index);
    return Object.assign({}, ...[...general, ...own].map(({ format }) => format)) as ValueFormat;
  };
  return {
    ...mapping,
    columns: mapping.columns.map((column) => ({ ...column, format: { ...column.format, ...formatOf(column.column) } })),
  };
}
