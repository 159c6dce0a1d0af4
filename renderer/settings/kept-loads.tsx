import { useState } from 'react';
import { bytesText } from '../../shared/text/bytes-text.ts';
import { plural } from '../../shared/text/counts.ts';
import { useCall } from '../backend/backend-context.tsx';

const DAY = 86_400_000;

/** What the loads that are kept take on disk, and what of it goes at the next start. */
export function KeptLoads({ days }: { readonly days: number | null }) {
  const loads = useCall('load.list', {});
  const storage = useCall('history.storage', {});
  const [now] = useState(() => Date.now());
  if (!loads.data || !storage.data) return null;
  const bytes = new Map(storage.data.map((one) => [one.loadId, one.bytes]));
  const sizeOf = (of: typeof loads.data) =>
    bytesText(of.reduce((sum, { loadId }) => sum + (bytes.get(loadId) ?? 0), 0));
  const latest = days === null ? null : now - days * DAY;
  const past = loads.data.filter(
    ({ state, finishedAt }) =>
      latest !== null && state.kind === 'finished' && finishedAt !== null && finishedAt < latest,
  );
  return (
    <p className="lead" role="status">
      {plural(loads.data.length, 'load')}, {sizeOf(loads.data)} on disk.
      {past.length > 0 && ` The next start removes ${plural(past.length, 'load')} and frees ${sizeOf(past)}.`}
    </p>
  );
}
