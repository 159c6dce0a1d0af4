import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { MergeId } from '../../../shared/domain/ids.ts';
import type { MergeRules, MergeSnapshot } from '../../../shared/domain/merge.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { MERGE_STATES, mergePlanText, mergeStandText, skippedText } from '../../../shared/text/merge-text.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { useIsReadOnly } from '../../settings/use-is-read-only.ts';
import { FieldRules } from './field-rules.tsx';
import { MergeActions } from './merge-actions.tsx';
import { MergeGroups } from './merge-groups.tsx';
import { MergeReport } from './merge-report.tsx';
import { RuleChoices } from './rule-choices.tsx';
import { UndoPlan } from './undo-plan.tsx';
import { isRunning, useMerge } from './use-merge.ts';

interface Props {
  readonly mergeId: MergeId;
  readonly org: OrgSummary;
  readonly back: () => void;
}

/** A merge from its plan to its being taken back. */
export function MergeView({ mergeId, org, back }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const merge = useMerge(mergeId);
  const fields = useCall('merge.fields', merge.data?.state === 'planned' ? { mergeId } : null, { keep: true });
  const isReadOnly = useIsReadOnly(org);
  const show = (next: MergeSnapshot): void => {
    cache.setQueryData(['merge.get', { mergeId }], next);
    void cache.invalidateQueries({ queryKey: ['merge.page'] });
  };
  const decide = useMutation({
    mutationFn: (rules: MergeRules) => backend.call('merge.decide', { mergeId, rules }),
    onSuccess: show,
  });
  if (merge.error) return <FailurePanel failure={failureOf(merge.error)} again={() => void merge.refetch()} />;
  if (!merge.data) return null;
  const { counts, labelPlural, state, failure, unseen, skipped, rules } = merge.data;
  const notPlanned = skippedText(skipped);
  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>{headingOf(merge.data)}</h2>
            <p className="lead" role="status">
              {MERGE_STATES[state]} · {labelPlural} in {org.name}:{' '}
              {state === 'planned' ? mergePlanText(counts) : mergeStandText(merge.data)}.
            </p>
          </div>
        </header>
        {failure && <FailurePanel failure={failure} />}
        {decide.error && <FailurePanel failure={failureOf(decide.error)} />}
        {isReadOnly && (
          <Warning tone="blocked">{org.name} is read-only in Longshore, so nothing can be merged there.</Warning>
        )}
        {unseen.length > 0 && (
          <Warning tone="warning">
            Related records of {unseen.join(', ')} can’t be read. Salesforce moves them to the master, and they can’t be
            given back.
          </Warning>
        )}
        {notPlanned !== '' && <Warning tone="unchanged">{notPlanned}</Warning>}
        {state === 'planned' && counts.groups > 0 && (
          <section className="panel" aria-label="Rules">
            <RuleChoices rules={rules} change={(next) => decide.mutate(next)} />
            <FieldRules rules={rules} fields={fields.data ?? []} change={(next) => decide.mutate(next)} />
          </section>
        )}
        {(state === 'merged' || state === 'paused') && <UndoPlan merge={merge.data} org={org} begun={show} />}
        {counts.groups > 0 && <MergeGroups merge={merge.data} changed={show} />}
      </div>
      <div className="actions">
        <Group>
          <Button variant="subtle" onClick={back} disabled={isRunning(merge.data) && state === 'merging'}>
            Back
          </Button>
          {counts.groups > 0 && <MergeReport mergeId={mergeId} />}
        </Group>
        {!isReadOnly && <MergeActions merge={merge.data} org={org} changed={show} />}
      </div>
    </>
  );
}

function headingOf({ state, counts, undo, labelPlural }: MergeSnapshot): string {
  if (counts.groups === 0) return `No duplicates among ${labelPlural}`;
  if (state === 'planned') return `${plural(counts.groups, 'group')} of duplicates`;
  if (undo) return `${number(undo.reversed)} of ${plural(counts.merged + counts.partly, 'group')} taken back`;
  return `${number(counts.merged)} of ${plural(counts.groups - counts.leftOut, 'group')} merged`;
}
