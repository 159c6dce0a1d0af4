import { Button } from '@mantine/core';
import { Gauge } from 'lucide-react';
import { useState } from 'react';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { forecastLines } from '../../../shared/text/forecast-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';

/** What the load would use up of its org, beside what is left: one line until it is opened, and open by itself if it is too much. */
export function PlanForecast({ plan: { planId, planDigest } }: { readonly plan: LoadPlan }) {
  const [opened, setOpened] = useState(false);
  const forecast = useCall('load.forecast', { planId, planDigest });
  if (forecast.error)
    return (
      <FailurePanel
        failure={failureOf(forecast.error)}
        action={{ label: 'Ask again', run: () => void forecast.refetch() }}
      />
    );
  if (!forecast.data) return null;
  const lines = forecastLines(forecast.data);
  const over = lines.filter((line) => line.over);
  const short = lines
    .slice(0, over.length > 0 ? 0 : 2)
    .map(({ what, needs }) => `${what}: ${needs}`)
    .join(' · ');
  return (
    <section aria-label="Forecast">
      {over.length > 0 && (
        <Warning tone="warning">
          This load needs more than the org has left: {over.map(({ what }) => what).join(', ')}.
        </Warning>
      )}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<Gauge size={15} aria-hidden />}
        aria-expanded={opened}
        onClick={() => setOpened(!opened)}
      >
        Forecast{short === '' ? '' : ` · ${short}`}
      </Button>
      {opened && (
        <table className="list narrow" aria-label="What this load would use">
          <thead>
            <tr>
              <th scope="col">Uses</th>
              <th scope="col">This load</th>
              <th scope="col">Left in the org</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ what, needs, left, over: isOver }) => (
              <tr key={what} className={isOver ? 'tone' : undefined} data-tone={isOver ? 'warning' : undefined}>
                <td>{what}</td>
                <td>{needs}</td>
                <td>
                  {left ?? ''}
                  {isOver ? ' (not enough)' : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
