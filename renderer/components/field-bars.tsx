import { useState } from 'react';
import { Button } from '@mantine/core';
import type { LoadPlan } from '../../shared/domain/load-plan.ts';
import { number, plural } from '../../shared/text/counts.ts';

/** Fields shown before the rest is asked for. */
const SHOWN = 6;

/** In how many records each field changes, as bars; the most first. */
export function FieldBars({ fields }: { readonly fields: LoadPlan['changedFields'] }) {
  const [all, setAll] = useState(false);
  const sorted = fields.toSorted((a, b) => b.rows - a.rows);
  const most = sorted[0]?.rows ?? 1;
  return (
    <section aria-label="Changed fields">
      <ul className="field-bars">
        {sorted.slice(0, all ? undefined : SHOWN).map(({ field, rows, cleared }) => (
          <li key={field}>
            <span>{field}</span>
            <span>
              {number(rows)}
              {cleared > 0 ? `, ${number(cleared)} cleared` : ''}
            </span>
            <span className="track" aria-hidden>
              <span ref={(element) => element?.style.setProperty('width', `${(rows / most) * 100}%`)} />
            </span>
          </li>
        ))}
      </ul>
      {sorted.length > SHOWN && (
        <Button mt={6} size="compact-xs" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${plural(sorted.length - SHOWN, 'more field')}`}
        </Button>
      )}
    </section>
  );
}
