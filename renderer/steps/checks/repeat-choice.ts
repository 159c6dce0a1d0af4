import { SourceRowNumber, type Digest } from '../../../shared/domain/ids.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { RepeatedGroup, RepeatKeep } from '../../../shared/domain/repeated-rows.ts';
import { number } from '../../../shared/text/counts.ts';

/** Stands for a group that the rule decides on. */
const AS_RULE = '';

/** What can be decided of one group. Only inserts may send every row: of the others two would change one record. */
export function repeatOptions(
  { rows }: Pick<RepeatedGroup, 'rows'>,
  { operation }: Pick<FieldMapping, 'operation'>,
): { value: string; label: string }[] {
  return [
    { value: AS_RULE, label: 'as for all groups' },
    ...rows.map(({ row }) => ({ value: String(row), label: `send only row ${number(row)}` })),
    { value: 'merge', label: 'fill the first from the others' },
    ...(operation === 'insert' ? [{ value: 'all', label: 'send all' }] : []),
  ];
}

export function optionOf(choice: RepeatKeep | null): string {
  return choice === null ? AS_RULE : String(choice);
}

/** The mapping with an option chosen for one group of a source. What was decided of another source is gone with it. */
export function withRepeatChoice(
  mapping: FieldMapping,
  source: Digest,
  rows: RepeatedGroup['all'],
  option: string,
): FieldMapping {
  const before = mapping.repeatChoices?.source === source ? mapping.repeatChoices.groups : [];
  const others = before.filter((one) => one.rows.join() !== rows.join());
  const keep: RepeatKeep = option === 'merge' || option === 'all' ? option : SourceRowNumber.parse(Number(option || 1));
  const groups = option === AS_RULE ? others : [...others, { rows, keep }];
  const { repeatChoices: _before, ...rest } = mapping;
  return groups.length === 0 ? rest : { ...rest, repeatChoices: { source, groups } };
}
