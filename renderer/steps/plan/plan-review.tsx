import { Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { MergeId } from '../../../shared/domain/ids.ts';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { ChangeFilter, LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { PLANNED_GROUP, plannedGroups, type PlannedGroups } from '../../../shared/domain/row-groups.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { plural } from '../../../shared/text/counts.ts';
import { plannedLookupText, secondStepText } from '../../../shared/text/lookup-text.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { LateGrid } from '../../components/late-grid.tsx';
import type { GridSort } from '../../components/grid-pages.ts';
import { GroupChips } from '../../components/group-chips.tsx';
import { Warning } from '../../components/outcome.tsx';
import { ChangedFields } from './changed-fields.tsx';
import { ChildCounts } from './child-counts.tsx';
import { LeftOut, useLeaveOut } from './left-out.tsx';
import { ACTION_COLUMN, choiceText, planColumns } from './plan-columns.ts';
import { kindOf, NO_FILTER, sortOf, withChange, withKind, type PlanFilter } from './plan-filter.ts';
import { ResemblingPanel } from './resembling/resembling-panel.tsx';
import { fieldLabel } from './shown-value.ts';
import { SimilarRows } from './similar-rows.tsx';
import { SharingButtons, SharingNotices, usePlanSharing } from './plan-sharing.tsx';

/** What a load of a kind may come to, said also where it comes to none. */
const ALWAYS: Record<Operation, readonly (keyof PlannedGroups)[]> = {
  insert: ['create', 'notSent'],
  update: ['update', 'unchanged', 'notSent'],
  upsert: ['create', 'update', 'unchanged', 'notSent'],
  delete: ['delete', 'notSent'],
  hardDelete: ['delete', 'notSent'],
  undelete: ['undelete', 'unchanged', 'notSent'],
};

interface PlanReviewProps {
  readonly plan: LoadPlan;
  /** What the plan was built of. */
  readonly input: Input<'plan.build'> | null;
  readonly describe: SObjectDescribe | null;
  readonly nonce: string;
  /** Shows a merge of records of the org that was planned. */
  readonly openMerge: (mergeId: MergeId) => void;
}

/** Every row of a plan, by what would happen to it and field by field; what of it is left out, and how it goes to others. */
export function PlanReview({ plan, input, describe, nonce, openMerge }: PlanReviewProps) {
  const backend = useBackend();
  const [filter, setFilter] = useState<PlanFilter>(NO_FILTER);
  const [search] = useDebouncedValue(filter.search.trim(), 150);
  const { kind, change } = filter;
  const shown = useMemo(() => ({ kind, search, ...(change ? { change } : {}) }), [kind, search, change]);
  const sharing = usePlanSharing(plan, shown);
  const leaveOut = useLeaveOut(input);
  const { planId, planDigest } = plan;
  const fetchPage = useCallback(
    (offset: number, limit: number, sort: GridSort | null) => {
      const sorted = sortOf(sort, plan);
      return backend.call('plan.page', {
        planId: plan.planId,
        ...shown,
        ...(sorted ? { sort: sorted } : {}),
        offset,
        limit,
      });
    },
    [backend, plan, shown],
  );
  const columns = useMemo(
    () => planColumns(plan, describe, kind, change?.field),
    [plan, describe, kind, change?.field],
  );
  const labelOf = (field: string) => fieldLabel(describe, field);
  const leaveChanges = (chosen: ChangeFilter) => {
    leaveOut.mutate({
      planId,
      of: { kind: 'update', search: '', change: chosen },
      field: chosen.field,
      takeBack: false,
    });
    setFilter(({ change: _gone, ...rest }) => rest);
  };
  const toggle = (row: PlannedRow) => {
    if (choiceText(row) === '' || leaveOut.isPending) return;
    leaveOut.mutate({ planId, of: { rows: [row.row] }, field: null, takeBack: row.kind === 'leftOut' });
  };
  const cleared = plan.changedFields.reduce((sum, field) => sum + field.cleared, 0);
  return (
    <>
      <GroupChips
        label="Rows by what would happen to them"
        groups={plannedGroups(plan.counts)}
        rows={plan.rows}
        always={ALWAYS[plan.mapping.operation]}
        filter={{
          isPressed: (group: keyof PlannedGroups) => kind !== null && PLANNED_GROUP[kind] === group,
          toggle: (group) => setFilter((before) => withKind(before, kindOf(group))),
        }}
      />
      <SharingNotices sharing={sharing} />
      <LeftOut plan={plan} leaveOut={leaveOut} />
      {plan.changedFields.length > 0 && (
        <ChangedFields
          plan={plan}
          describe={describe}
          chosen={change}
          choose={(next) => setFilter((before) => withChange(before, next))}
          leaveOut={leaveChanges}
        />
      )}
      <SimilarRows plan={plan} input={input} labelOf={labelOf} />
      {plan.secondStep && <p className="lead">{secondStepText(plan.secondStep)}</p>}
      {[...plan.lookups.map(plannedLookupText), ...policyTexts(plan)].map((text) => (
        <p key={text} className="lead">
          {text}
        </p>
      ))}
      {plan.counts.delete > 0 && <ChildCounts key={planDigest} plan={plan} />}
      {cleared > 0 && <Warning tone="warning">{plural(cleared, 'value')} in the org would be cleared.</Warning>}
      <ResemblingPanel plan={plan} input={input} openMerge={openMerge} />
      <Group justify="space-between">
        <TextInput
          data-search
          aria-label="Search the plan"
          placeholder="Search rows"
          leftSection={<Search size={15} aria-hidden />}
          value={filter.search}
          onChange={({ currentTarget: { value } }) => setFilter((before) => ({ ...before, search: value }))}
          w={280}
        />
        <Group>
          <SharingButtons sharing={sharing} />
        </Group>
      </Group>
      <LateGrid
        // Rows keep the height that they were drawn with: another height is another grid.
        key={kind === 'update' ? 'double' : 'single'}
        label="What would change, row by row"
        nonce={nonce}
        columns={columns}
        fetchPage={fetchPage}
        rows={kind === 'update' ? 'double' : 'single'}
        fitColumns
        action={{ columnId: ACTION_COLUMN, run: toggle }}
      />
    </>
  );
}
