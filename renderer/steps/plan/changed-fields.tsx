import { useState } from 'react';
import { Button, Group } from '@mantine/core';
import type { ChangeFilter, LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { ChangeSamples } from './change-samples.tsx';
import { fieldLabel, fieldType } from './shown-value.ts';

/** Fields shown before the rest is asked for. */
const SHOWN = 6;

interface Props {
  readonly plan: LoadPlan;
  readonly describe: SObjectDescribe | null;
  readonly chosen: ChangeFilter | undefined;
  readonly choose: (change: ChangeFilter) => void;
  /** Leaves the chosen changes out of the plan. */
  readonly leaveOut: (change: ChangeFilter) => void;
}

/** In how many records each field changes, as bars, the most first; each shows its rows, and how they change. */
export function ChangedFields({ plan, describe, chosen, choose, leaveOut }: Props) {
  const fields = plan.changedFields;
  const [all, setAll] = useState(false);
  const most = fields[0]?.rows ?? 1;
  const one = fields.find(({ field }) => field === chosen?.field);
  return (
    <section aria-label="Changed fields">
      <ul className="field-bars">
        {fields.slice(0, all ? undefined : SHOWN).map(({ field, rows, cleared }) => (
          <li key={field}>
            <button
              type="button"
              title={field}
              aria-pressed={chosen?.field === field}
              onClick={() => choose({ field, how: chosen?.field === field ? chosen.how : 'any' })}
            >
              <span>{fieldLabel(describe, field)}</span>
              <span>
                {number(rows)}
                {cleared > 0 ? `, ${number(cleared)} cleared` : ''}
              </span>
              <span className="track" aria-hidden>
                <span ref={(element) => element?.style.setProperty('width', `${(rows / most) * 100}%`)} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {fields.length > SHOWN && (
        <Button mt={6} size="compact-xs" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${plural(fields.length - SHOWN, 'more field')}`}
        </Button>
      )}
      {one && chosen && <HowChanged one={one} chosen={chosen} choose={choose} leaveOut={leaveOut} />}
      {one && chosen && <ChangeSamples plan={plan} change={chosen} type={fieldType(describe, one.field)} />}
    </section>
  );
}

interface HowProps extends Pick<Props, 'choose' | 'leaveOut'> {
  readonly one: LoadPlan['changedFields'][number];
  readonly chosen: ChangeFilter;
}

function HowChanged({ one: { field, rows, filled, cleared }, chosen, choose, leaveOut }: HowProps) {
  const ways = [
    { how: 'any', word: 'All', count: rows },
    { how: 'filled', word: 'Filled', count: filled },
    { how: 'changed', word: 'Changed', count: rows - filled - cleared },
    { how: 'cleared', word: 'Cleared', count: cleared },
  ] as const;
  return (
    <Group mt={8} gap={8}>
      <div className="chips" role="group" aria-label={`How ${field} changes`}>
        {ways
          .filter(({ how, count }) => how === 'any' || (count > 0 && count < rows))
          .map(({ how, word, count }) => (
            <button
              key={how}
              type="button"
              className="chip"
              aria-pressed={chosen.how === how}
              onClick={() => choose({ field, how })}
            >
              {word} <b>{number(count)}</b>
            </button>
          ))}
      </div>
      <Button size="compact-xs" variant="default" onClick={() => leaveOut(chosen)}>
        Leave these changes out
      </Button>
    </Group>
  );
}
