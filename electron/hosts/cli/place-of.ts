import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { UsageError } from './usage-error.ts';

/** The place of the column that a flag names, in whatever case. Throws `UsageError` for one that is not there. */
export function placeOf(columns: readonly SourceColumn[], name: string): number {
  const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!column) throw new UsageError(`The file has no column “${name}”.`);
  return column.index;
}
