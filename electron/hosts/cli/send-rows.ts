import { InvalidArgumentError } from 'commander';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { RepeatChoice, RepeatedPage } from '../../../shared/domain/repeated-rows.ts';
import { number } from '../../../shared/text/counts.ts';
import type { BackendCaller } from './backend-caller.ts';
import { UsageError } from './usage-error.ts';

/** Groups asked for at a time. */
const GROUPS = 200;

/** Reads a row number, behind those that were given before. */
export function readRow(text: string, before: readonly SourceRowNumber[] = []): SourceRowNumber[] {
  const row = SourceRowNumber.safeParse(/^\d+$/.test(text) ? Number(text) : undefined);
  if (!row.success)
    throw new InvalidArgumentError('Give the numbers of rows, such as 17: the first row below the header is 1.');
  return [...before, row.data];
}

/**
 * The mapping with each of these rows sent for its group of rows that repeat one another but differ. Throws `UsageError` for a row that is
 * in no such group, and for two of one group.
 */
export async function withSentRows(
  caller: Pick<BackendCaller, 'call'>,
  source: Pick<Input<'checks.repeats'>, 'orgId' | 'sourceId'>,
  mapping: FieldMapping,
  rows: readonly SourceRowNumber[],
): Promise<FieldMapping> {
  const open = new Set(rows);
  const groups: RepeatChoice[] = [];
  let page: RepeatedPage | null = null;
  for (let offset = 0; open.size > 0 && offset < (page?.total ?? 1); offset += GROUPS) {
    page = await caller.call('checks.repeats', { ...source, mapping, offset, limit: GROUPS });
    for (const { all } of page.groups) {
      const [keep, second] = all.filter((row) => open.delete(row));
      if (second !== undefined)
        throw new UsageError(
          `Rows ${number(keep ?? second)} and ${number(second)} are duplicates of each other: send one of them.`,
        );
      if (keep !== undefined) groups.push({ rows: all, keep });
    }
  }
  const [missing] = open;
  if (missing !== undefined)
    throw new UsageError(`Row ${number(missing)} has no duplicate with different data, so there is nothing to choose.`);
  return page ? { ...mapping, repeatChoices: { source: page.source, groups } } : mapping;
}
