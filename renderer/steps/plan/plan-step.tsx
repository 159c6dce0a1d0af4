import { Button, Group, Loader, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import { PlannedKind, type LoadPlan, type PlannedRow } from '../../../shared/domain/load-plan.ts';
import { PLANNED_GROUP, plannedGroups, type PlannedGroups } from '../../../shared/domain/row-groups.ts';
import { plannedLookupText, secondStepText } from '../../../shared/text/lookup-text.ts';
import { failureOf, useBackend, useWork } from '../../backend/backend-context.tsx';
import { useCommand } from '../../backend/commands.tsx';
import type { Progress } from '../../backend/progress.ts';
import { FieldBars } from '../../components/field-bars.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { GroupChips } from '../../components/group-chips.tsx';
import { Warning } from '../../components/outcome.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { isConfirmed, LoadConfirmation } from './load-confirmation.tsx';
import { planColumns } from './plan-columns.tsx';
import { StartFailure } from './start-failure.tsx';
import { useIsReadOnly } from '../../settings/use-is-read-only.ts';
import { timeOfDay } from '../../settings/moments.ts';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { number, plural } from '../../../shared/text/counts.ts';

const DataGrid = lazy(() =>
  import('../../components/data-grid.tsx').then((module) => ({ default: module.DataGrid<PlannedRow> })),
);

/** Exactly what would change, before anything does. */
export function PlanStep({ draft, dispatch, parts, org, nonce }: StepProps) {
  const backend = useBackend();
  const cache = useQueryClient();
  const work = useWork(draft.sourceId);
  const [kind, setKind] = useState<PlannedKind | null>(null);
  const [search, setSearch] = useState('');
  const [confirmation, setConfirmation] = useState('');
  const { plan } = parts;
  const isReadOnly = useIsReadOnly(org);
  const start = useMutation({
    mutationFn: ({ reviewed, acceptApiUse }: { reviewed: LoadPlan; acceptApiUse: boolean }) => {
      const { planId, planDigest } = reviewed;
      return backend.call('load.start', { planId, planDigest, confirmation, acceptApiUse });
    },
    onSuccess: (load) => {
      cache.setQueryData(['load.get', { loadId: load.loadId }], load);
      dispatch({ kind: 'load-started', loadId: load.loadId });
      // A plan is loaded once: coming back to this step means reviewing a new one.
      cache.removeQueries({ queryKey: ['plan.build'] });
    },
  });

  const { sourceId, orgId, mapping } = draft;
  const accept = useMutation({
    mutationFn: (input: Input<'plan.build'>) => backend.call('plan.build', { ...input, acceptChangedFile: true }),
    onSuccess: (built, input) => cache.setQueryData(['plan.build', input], built),
  });

  const planId = plan.data?.planId;
  const fetchPage = useCallback(
    (offset: number, limit: number) =>
      planId
        ? backend.call('plan.page', { planId, kind, search: search.trim(), offset, limit })
        : Promise.resolve({ rows: [], total: 0 }),
    [backend, planId, kind, search],
  );
  const columns = useMemo(
    () => (plan.data ? planColumns(plan.data, parts.describe, kind) : []),
    [plan.data, parts.describe, kind],
  );

  const changes = plan.data ? changesOf(plan.data.counts) : 0;
  const confirmed = plan.data !== undefined && !isReadOnly && isConfirmed(plan.data.counts, org, confirmation);
  const begin = (acceptApiUse: boolean) => plan.data && start.mutate({ reviewed: plan.data, acceptApiUse });
  const isShown = plan.error === null || accept.isPending;
  useCommand('start-load', confirmed && isShown && !start.isPending ? () => begin(false) : null);

  if (plan.error && !accept.isPending) {
    const failure = failureOf(accept.error ?? plan.error);
    const again = () => {
      accept.reset();
      void plan.refetch();
    };
    // A session that has ended is signed in to in place, by the panel itself, and the plan is then built anew.
    const action =
      failure.code === 'ORG_SESSION_EXPIRED'
        ? undefined
        : failure.code === 'FILE_CHANGED_WHILE_READ' && sourceId && orgId && mapping
          ? { label: 'Plan with these rows', run: () => accept.mutate({ sourceId, orgId, mapping }) }
          : { label: 'Build the plan again', run: again };
    return (
      <div className="step">
        <h2>Plan</h2>
        <FailurePanel failure={failure} action={action} />
      </div>
    );
  }
  if (!plan.data) {
    const stop = () => {
      void cache.cancelQueries({ queryKey: ['plan.build'] });
      dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } });
    };
    return (
      <Waiting
        title={`Comparing with ${org?.name ?? 'the org'}`}
        action={
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        }
      >
        {progressText(work)}
      </Waiting>
    );
  }
  const { counts, changedFields } = plan.data;
  const cleared = changedFields.reduce((sum, field) => sum + field.cleared, 0);

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {changes === 0
                ? 'Nothing would change'
                : `${plural(changes, 'change')} to ${parts.describe?.labelPlural ?? plan.data.mapping.objectName}`}
            </h2>
            <p className="lead">
              Compared with {org?.name} at {timeOfDay(plan.data.currentRecordsFetchedAt)}. Nothing is written yet;
              unchanged rows are left as they are.
            </p>
          </div>
        </header>
        {start.error && (
          <StartFailure
            failure={failureOf(start.error)}
            again={() => {
              start.reset();
              void plan.refetch();
            }}
            accept={() => begin(true)}
          />
        )}
        {isReadOnly && (
          <Warning
            tone="blocked"
            action={
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => dispatch({ kind: 'go', place: { kind: 'org', then: draft.place } })}
              >
                About this org
              </Button>
            }
          >
            {org?.name} is set to read-only in Longshore: nothing can be loaded there.
          </Warning>
        )}
        <GroupChips
          label="Rows by what would happen to them"
          groups={plannedGroups(counts)}
          rows={plan.data.rows}
          always={['create', 'update', 'unchanged', 'notSent']}
          filter={{
            isPressed: (group) => kind !== null && PLANNED_GROUP[kind] === group,
            toggle: (group) => setKind(kind !== null && PLANNED_GROUP[kind] === group ? null : kindOf(group)),
          }}
        />
        {changedFields.length > 0 && <FieldBars fields={changedFields} />}
        {plan.data.secondStep && <p className="lead">{secondStepText(plan.data.secondStep)}</p>}
        {plan.data.lookups.map((lookup) => (
          <p key={lookup.column} className="lead">
            {plannedLookupText(lookup)}
          </p>
        ))}
        {parts.source?.changedOnDisk && (
          <Warning
            tone="warning"
            action={
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'source' } })}
              >
                See the source
              </Button>
            }
          >
            The file changed after it was read. This load uses the rows as they were read.
          </Warning>
        )}
        {cleared > 0 && <Warning tone="warning">{plural(cleared, 'value')} in the org would be cleared.</Warning>}
        <Group justify="space-between">
          <TextInput
            data-search
            aria-label="Search the plan"
            placeholder="Search rows"
            leftSection={<Search size={15} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            w={280}
          />
        </Group>
        <Suspense fallback={<Loader role="img" aria-label="Preparing the grid" />}>
          <DataGrid
            label="What would change, row by row"
            nonce={nonce}
            columns={columns}
            fetchPage={fetchPage}
            rows={kind === 'update' ? 'double' : 'single'}
            fitColumns
          />
        </Suspense>
      </div>
      <div className="actions">
        <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } })}>
          Back
        </Button>
        <Group>
          {org && changes > 0 && !isReadOnly && (
            <LoadConfirmation
              counts={counts}
              org={org}
              value={confirmation}
              change={setConfirmation}
              enter={() => begin(false)}
            />
          )}
          <Button
            data-primary="focus"
            color={counts.delete > 0 ? 'red' : undefined}
            disabled={!confirmed}
            loading={start.isPending}
            onClick={() => begin(false)}
          >
            {counts.delete > 0 ? `Delete ${plural(counts.delete, 'record')}` : `Load ${plural(changes, 'change')}`}
          </Button>
        </Group>
      </div>
    </>
  );
}

function kindOf(group: keyof PlannedGroups): PlannedKind | null {
  return PlannedKind.options.find((kind) => PLANNED_GROUP[kind] === group) ?? null;
}

function progressText(work: Progress | undefined): string {
  const pace = work?.rate ? `, ${number(Math.round(work.rate))} a second` : '';
  if (work?.stage === 'fetching')
    return work.done ? `Fetched ${number(work.done)} current records${pace}…` : 'Fetching the current records…';
  if (work?.stage === 'comparing') return 'Comparing every row…';
  return 'Checking every value…';
}
