import { Group, Loader } from '@mantine/core';
import { number, plural } from '../../../shared/text/counts.ts';
import { useWork } from '../../backend/backend-context.tsx';

/** How far the org has been asked. */
export function Progress({ sourceId }: { readonly sourceId: string | null }) {
  const work = useWork(sourceId);
  const said =
    work?.stage === 'rehearsing' && work.total !== null
      ? `Tried ${number(work.done)} of ${plural(work.total, 'row')}…`
      : 'Comparing with the org first…';
  return (
    <Group mt="sm" gap="sm" role="status">
      <Loader role="img" size="sm" aria-label="Trying rows" />
      <span>{said}</span>
    </Group>
  );
}
