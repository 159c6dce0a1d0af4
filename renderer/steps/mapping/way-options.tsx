import { Checkbox, Group, NativeSelect } from '@mantine/core';
import {
  needsCollections,
  needsJobs,
  onlyNames,
  StopAfter,
  type FieldMapping,
  type WritePolicies,
} from '../../../shared/domain/field-mapping.ts';
import { ChosenWay } from '../../../shared/domain/load-way.ts';
import { MOST_JOBS_AT_ONCE } from '../../../shared/domain/settings.ts';
import { stopText } from '../../../shared/text/plan-text.ts';
import { withPolicy } from './with-policy.ts';

interface WayOptionsProps {
  readonly mapping: FieldMapping;
  readonly change: (change: Partial<FieldMapping>) => void;
}

const STOPS: readonly StopAfter[] = [
  { failures: 1 },
  { failures: 10 },
  { failures: 100 },
  { failures: 1000 },
  { percent: 5 },
  { percent: 20 },
  { percent: 50 },
];

const WAYS: readonly { readonly value: ChosenWay; readonly label: string }[] = [
  { value: 'automatic', label: 'whichever way fits the load' },
  { value: 'bulk', label: 'by Bulk API jobs' },
  { value: 'bulk-1', label: 'in the order of the file, by slower jobs' },
  { value: 'collections', label: '200 at a time, answered at once' },
];

const AS_SET = 'settings';
const JOBS = [
  { value: AS_SET, label: 'as in the settings' },
  ...Array.from({ length: MOST_JOBS_AT_ONCE }, (_none, n) => ({ value: `${n + 1}`, label: `${n + 1}` })),
];

/** The usual ones, and what was chosen elsewhere. */
function stopChoices(chosen: StopAfter | undefined): { value: string; label: string }[] {
  const all = STOPS.map((stop) => ({ value: JSON.stringify(stop), label: `when ${stopText(stop)}` }));
  const none = { value: 'null', label: 'never by itself' };
  const own = chosen ? { value: JSON.stringify(chosen), label: `when ${stopText(chosen)}` } : none;
  return [none, ...all, ...(own === none || all.some(({ value }) => value === own.value) ? [] : [own])];
}

function whyFixed(operation: FieldMapping['operation']): string {
  if (needsJobs(operation)) return 'Only Bulk API jobs can hard delete.';
  return operation === 'undelete'
    ? 'Bulk API jobs can’t bring records back.'
    : 'Bulk API jobs don’t support the other options you chose.';
}

/** How rows go to the org, and when that stops. */
export function WayOptions({ mapping, change }: WayOptionsProps) {
  const { operation, policies } = mapping;
  const set = (next: WritePolicies) => change({ policies: withPolicy(policies, next) });
  const isFixed = needsCollections(mapping);
  // What came with the mapping and doesn't fit can be taken back.
  const isMisfit = operation === 'undelete' && (policies?.way === 'bulk' || policies?.way === 'bulk-1');
  return (
    <>
      <NativeSelect
        label="Send rows"
        value={isFixed && !isMisfit ? 'collections' : (policies?.way ?? 'bulk')}
        disabled={isFixed && !isMisfit}
        title={isFixed || needsJobs(operation) ? whyFixed(operation) : undefined}
        data={WAYS.map((way) => ({ ...way, disabled: way.value === 'collections' && needsJobs(operation) }))}
        onChange={({ currentTarget: { value } }) => set({ way: value === 'bulk' ? undefined : ChosenWay.parse(value) })}
      />
      {/* Otherwise the settings say so; what came with the mapping can be changed, and taken back. */}
      {policies?.jobsAtOnce !== undefined && (
        <NativeSelect
          label="Jobs at the same time"
          value={String(policies.jobsAtOnce)}
          data={JOBS}
          onChange={({ currentTarget: { value } }) => set({ jobsAtOnce: value === AS_SET ? undefined : Number(value) })}
        />
      )}
      <NativeSelect
        label="Stop the load"
        value={JSON.stringify(policies?.stopAfter ?? null)}
        data={stopChoices(policies?.stopAfter)}
        onChange={({ currentTarget: { value } }) => set({ stopAfter: StopAfter.safeParse(JSON.parse(value)).data })}
      />
    </>
  );
}

/** What of a save only one of the ways can say. */
export function SaveOptions({ mapping, change }: WayOptionsProps) {
  const { operation, policies } = mapping;
  const set = (next: WritePolicies) => change({ policies: withPolicy(policies, next) });
  const hasOneWay = operation === 'undelete' || needsJobs(operation);
  return (
    <Group gap="lg" w="100%">
      {!onlyNames(operation) && (
        <Checkbox
          label="Save rows that a duplicate rule only warns about"
          checked={policies?.allowDuplicates === true}
          onChange={({ currentTarget: { checked } }) => set({ allowDuplicates: checked })}
        />
      )}
      {(!hasOneWay || policies?.allOrNone === true) && (
        <Checkbox
          label="Save all rows of a request or none"
          checked={policies?.allOrNone === true}
          onChange={({ currentTarget: { checked } }) => set({ allOrNone: checked })}
        />
      )}
    </Group>
  );
}
