import { Button, Checkbox, Chip, Group, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Weekday } from '../../../shared/domain/job-schedule.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { JobProps } from './job-line.tsx';
import { draftOf, scheduleOf, type ScheduleDraft } from './schedule-draft.ts';

const WAYS: Readonly<Record<ScheduleDraft['kind'], string>> = {
  'by-hand': 'Only by hand',
  hourly: 'Each hour',
  nightly: 'Each day',
  weekly: 'On days of the week',
  cron: 'By a cron pattern',
  after: 'After another job',
  watch: 'When its files arrive or change',
};

const DAYS: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

const TIMED: ReadonlySet<ScheduleDraft['kind']> = new Set<ScheduleDraft['kind']>([
  'hourly',
  'nightly',
  'weekly',
  'cron',
]);

/** When a job runs by itself. */
export function ScheduleForm({
  job,
  jobs,
  org,
  done,
}: Pick<JobProps, 'job' | 'jobs' | 'org'> & { readonly done: () => void }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const before = job.definition.schedule;
  const [draft, setDraft] = useState(() => draftOf(before, Intl.DateTimeFormat().resolvedOptions().timeZone));
  const change = (next: Partial<ScheduleDraft>) => setDraft((now) => ({ ...now, ...next }));
  const schedule = scheduleOf(draft, before);
  const save = useMutation({
    mutationFn: async () => {
      if (schedule !== 'invalid') await backend.call('schedule.set', { jobId: job.jobId, schedule });
    },
    onSuccess: async () => {
      for (const queryKey of [['job.list'], ['schedule.list']]) await cache.invalidateQueries({ queryKey });
      done();
    },
  });
  const others = jobs.filter(({ jobId }) => jobId !== job.jobId).map(({ definition }) => definition.name);
  return (
    <form
      className="schedule-form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label="Runs"
          value={draft.kind}
          data={Object.entries(WAYS).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => {
            const kind = (Object.keys(WAYS) as ScheduleDraft['kind'][]).find((one) => one === value);
            if (kind) change({ kind });
          }}
        />
        {draft.kind === 'hourly' && (
          <NumberInput
            label="Minute"
            min={0}
            max={59}
            value={draft.minute}
            onChange={(minute) => change({ minute: Number(minute) })}
          />
        )}
        {(draft.kind === 'nightly' || draft.kind === 'weekly') && (
          <TextInput
            type="time"
            label="At"
            value={draft.at}
            onChange={({ currentTarget: { value: at } }) => change({ at })}
          />
        )}
        {draft.kind === 'cron' && (
          <TextInput
            label="Pattern (minute, hour, day, month, weekday)"
            spellCheck={false}
            value={draft.cron}
            onChange={({ currentTarget: { value: cron } }) => change({ cron })}
          />
        )}
        {draft.kind === 'after' && (
          <NativeSelect
            label="After"
            value={draft.after}
            data={[{ value: '', label: 'Choose a job' }, ...others]}
            onChange={({ currentTarget: { value: after } }) => change({ after })}
          />
        )}
        {TIMED.has(draft.kind) && (
          <TextInput
            label="Time zone"
            spellCheck={false}
            value={draft.zone}
            onChange={({ currentTarget: { value: zone } }) => change({ zone })}
          />
        )}
      </Group>
      {draft.kind === 'weekly' && (
        <Chip.Group
          multiple
          value={[...draft.on]}
          onChange={(on) => change({ on: Weekday.options.filter((day) => on.includes(day)) })}
        >
          <Group gap="xs" role="group" aria-label="Days">
            {Weekday.options.map((day) => (
              <Chip key={day} value={day} size="sm">
                {DAYS[day]}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      {TIMED.has(draft.kind) && (
        <Checkbox
          label="Skip times at which nothing could be started, such as while the computer was off"
          checked={draft.skipsMissed}
          onChange={({ currentTarget: { checked: skipsMissed } }) => change({ skipsMissed })}
        />
      )}
      {draft.kind === 'watch' && (
        <Checkbox
          label="Move what was read to “done” or “failed”"
          checked={draft.moves}
          onChange={({ currentTarget: { checked: moves } }) => change({ moves })}
        />
      )}
      {draft.kind !== 'by-hand' && org?.kind === 'production' && (
        <TextInput
          label={`Type “${org.name}” to let it load into production by itself`}
          description="Left blank, a run that changes more than a few records waits for your yes."
          autoComplete="off"
          spellCheck={false}
          value={draft.confirmOrg}
          onChange={({ currentTarget: { value: confirmOrg } }) => change({ confirmOrg })}
        />
      )}
      <Group gap="xs">
        <Button type="submit" size="compact-sm" loading={save.isPending} disabled={schedule === 'invalid'}>
          Save the schedule
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={done}>
          Cancel
        </Button>
      </Group>
      {save.error && <FailurePanel failure={failureOf(save.error)} />}
    </form>
  );
}
