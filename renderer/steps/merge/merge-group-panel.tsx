import { Button, Checkbox, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { GroupChoice, MergeGroup, MergeSnapshot } from '../../../shared/domain/merge.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { GROUP_STATES, keptText, UNDO_STATES } from '../../../shared/text/merge-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { MergeFields } from './merge-fields.tsx';

interface Props {
  readonly merge: MergeSnapshot;
  readonly group: MergeGroup;
  readonly changed: (merge: MergeSnapshot) => void;
}

/** One group: which record stays, what it gets, what goes, and what moves; later what came of it. */
export function MergeGroupPanel({ merge, group, changed }: Props) {
  const backend = useBackend();
  const [opened, setOpened] = useState(false);
  const { members, masterId, choice, children, blocked, state, undo } = group;
  const isOpen = merge.state === 'planned';
  const decide = useMutation({
    mutationFn: (next: Partial<GroupChoice>) =>
      backend.call('merge.decide', { mergeId: merge.mergeId, choice: { ...choice, ...next, group: group.group } }),
    onSuccess: changed,
  });
  const master = members.find(({ id }) => id === masterId);
  const name = master?.name ?? masterId;
  return (
    <section className="panel merge-group" aria-label={`Group ${group.group + 1}: ${name}`}>
      <header>
        <h4>{name}</h4>
        <span className="reason">
          {plural(members.length, 'record')}
          {group.rounds > 1 ? `, merged in ${number(group.rounds)} calls` : ''}
          {isOpen ? '' : ` · ${GROUP_STATES[state]}`}
          {undo ? ` · ${UNDO_STATES[undo.state]}` : ''}
        </span>
        {isOpen && !blocked && (
          <Checkbox
            label="Leave out"
            aria-label={`Leave out group ${group.group + 1}`}
            checked={choice.leftOut}
            disabled={decide.isPending}
            onChange={(event) => decide.mutate({ leftOut: event.currentTarget.checked })}
          />
        )}
      </header>
      {blocked && (
        <Warning tone="blocked">
          One of these records is above another one, so Salesforce can’t merge them. Choose another master, or change
          that lookup first.
        </Warning>
      )}
      {group.message !== '' && <Warning tone="warning">{group.message}</Warning>}
      {undo?.kept.map((reason) => (
        <Warning key={`${reason.what} ${reason.why}`} tone="warning">
          {keptText(reason)}
        </Warning>
      ))}
      {decide.error && <FailurePanel failure={failureOf(decide.error)} />}
      <MergeFields
        group={group}
        orgId={merge.orgId}
        opened={opened}
        choose={isOpen && !decide.isPending ? (next) => decide.mutate(next) : null}
      />
      <Group gap="md">
        <button type="button" className="link" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? 'Show only what changes' : `Show all ${number(group.fields.length)} differing fields`}
        </button>
        {children.length > 0 && (
          <span className="reason whole">
            {isOpen ? 'Move' : 'Moved'} to the master:{' '}
            {children
              .map(
                ({ labelPlural, records, givenBack }) =>
                  `${labelPlural} ${number(records)}${givenBack ? '' : ' (can’t be moved back)'}`,
              )
              .join(', ')}
          </span>
        )}
      </Group>
      {isOpen && Object.keys(choice.fields).length + (choice.master === null ? 0 : 1) > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={() => decide.mutate({ master: null, fields: {} })}>
          By the rules again
        </Button>
      )}
    </section>
  );
}
