import { Button, Table } from '@mantine/core';
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
        <Table withRowBorders={false} w="auto" aria-label="What this load would use">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Uses</Table.Th>
              <Table.Th>This load</Table.Th>
              <Table.Th>Left in the org</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map(({ what, needs, left, over: isOver }) => (
              <Table.Tr key={what} data-over={isOver || undefined}>
                <Table.Td>{what}</Table.Td>
                <Table.Td>{needs}</Table.Td>
                <Table.Td>{left ?? ''}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
