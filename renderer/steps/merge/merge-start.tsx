import { Box, Button, Group, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { MergeId, SourceId } from '../../../shared/domain/ids.ts';
import { DEFAULT_MERGE_RULES, type MergeRules, type MergeSource } from '../../../shared/domain/merge.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { mergeLookText } from '../../../shared/text/merge-text.ts';
import { failureOf, useBackend, useCall, useWork } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { MergeList } from './merge-list.tsx';
import { RuleChoices } from './rule-choices.tsx';

interface Props {
  readonly org: OrgSummary;
  readonly sourceId: SourceId | null;
  readonly back: () => void;
  readonly open: (mergeId: MergeId) => void;
}

/** Which object, and by which rules; and the merges of before. */
export function MergeStart({ org, sourceId, back, open }: Props) {
  const { orgId } = org;
  const backend = useBackend();
  const cache = useQueryClient();
  const work = useWork(orgId);
  const objects = useCall('merge.objects', { orgId });
  const source = useCall('source.get', sourceId === null ? null : { sourceId });
  const [chosen, setChosen] = useState<string | null>(null);
  const [rules, setRules] = useState<MergeRules>(DEFAULT_MERGE_RULES);
  const [columns, setColumns] = useState<{ id: number; group: number } | null>(null);
  const stop = useRef<AbortController | null>(null);
  const objectName = chosen ?? objects.data?.[0]?.name ?? null;
  const plan = useMutation({
    mutationFn: (wanted: { objectName: string; source: MergeSource }) => {
      stop.current = new AbortController();
      return backend.call('merge.plan', { orgId, rules, ...wanted }, { signal: stop.current.signal });
    },
    onSuccess: (merge) => {
      cache.setQueryData(['merge.get', { mergeId: merge.mergeId }], merge);
      void cache.invalidateQueries({ queryKey: ['merge.list'] });
      open(merge.mergeId);
    },
  });
  if (plan.isPending)
    return (
      <Waiting
        title="Merge duplicates in the org"
        action={
          <Button variant="default" onClick={() => stop.current?.abort()}>
            Stop
          </Button>
        }
      >
        {mergeLookText(work, org.name)}
      </Waiting>
    );
  const failure = plan.error ? failureOf(plan.error) : objects.error ? failureOf(objects.error) : null;
  const names = source.data?.columns ?? [];
  const from: MergeSource =
    columns === null || sourceId === null
      ? { kind: 'resembling' }
      : { kind: 'file', sourceId, idColumn: columns.id, groupColumn: columns.group };
  return (
    <div className="step">
      <header>
        <div>
          <h2>Merge duplicates in the org</h2>
          <p className="lead">
            Find records of {org.name} that are the same, choose what stays of each, and merge them. Nothing is changed
            before you have seen the plan, and you can take a merge back afterwards.
          </p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      {failure && failure.code !== 'CANCELLED' && <FailurePanel failure={failure} />}
      <section className="panel" aria-labelledby="merge-what">
        <h3 id="merge-what">What to merge</h3>
        <Group align="flex-end" mt="sm">
          <NativeSelect
            label="Object"
            value={objectName ?? ''}
            data={(objects.data ?? []).map(({ name, labelPlural }) => ({ value: name, label: labelPlural }))}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
          {names.length >= 2 && (
            <NativeSelect
              label="Groups from"
              value={columns === null ? 'org' : 'file'}
              data={[
                { value: 'org', label: 'records that resemble each other' },
                { value: 'file', label: `the file ${source.data?.fileName ?? ''}` },
              ]}
              onChange={(event) =>
                setColumns(
                  event.currentTarget.value === 'org'
                    ? null
                    : { id: names[0]?.index ?? 0, group: names[1]?.index ?? 1 },
                )
              }
            />
          )}
          {columns !== null &&
            (['id', 'group'] as const).map((which) => (
              <NativeSelect
                key={which}
                label={which === 'id' ? 'Column with the record Id' : 'Column with the group'}
                value={String(columns[which])}
                data={names.map(({ index, name }) => ({ value: String(index), label: name }))}
                onChange={(event) => setColumns({ ...columns, [which]: Number(event.currentTarget.value) })}
              />
            ))}
        </Group>
        <Box mt="sm">
          <RuleChoices rules={rules} change={setRules} />
        </Box>
        <Group mt="md">
          <Button
            data-primary
            disabled={objectName === null}
            onClick={() => objectName !== null && plan.mutate({ objectName, source: from })}
          >
            Find groups
          </Button>
        </Group>
      </section>
      <MergeList orgId={orgId} open={open} />
    </div>
  );
}
