import { useQuery } from '@tanstack/react-query';
import type { ChangeFilter, FieldChange, LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { FieldTypeName } from '../../../shared/domain/sobject.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { shownChange } from './shown-value.ts';

/** Changes that are shown of one field. */
const SAMPLES = 3;

interface Props {
  readonly plan: Pick<LoadPlan, 'planId' | 'planDigest'>;
  readonly change: ChangeFilter;
  readonly type: FieldTypeName;
}

function sampleText({ old, new: next, cleared }: FieldChange, type: FieldTypeName): string {
  const { was, now } = shownChange(old, next, type);
  return `${was === '' ? 'blank' : was} → ${cleared ? 'blank' : now}`;
}

/** The first records that change a field so, with what it is and what it would be. */
export function ChangeSamples({ plan: { planId, planDigest }, change, type }: Props) {
  const backend = useBackend();
  const samples = useQuery({
    queryKey: ['plan.page', 'samples', planId, planDigest, change],
    queryFn: ({ signal }) =>
      backend.call('plan.page', { planId, kind: null, search: '', change, offset: 0, limit: SAMPLES }, { signal }),
  });
  const shown = (samples.data?.rows ?? []).flatMap((row) => {
    const one = row.kind === 'update' ? row.changes.find(({ field }) => field === change.field) : undefined;
    return one ? [{ row: row.row, key: 'key' in row ? row.key : '', text: sampleText(one, type) }] : [];
  });
  if (shown.length === 0) return null;
  return (
    <ul className="lead" aria-label={`Examples of how ${change.field} changes`}>
      {shown.map(({ row, key, text }) => (
        <li key={row}>
          {key}: {text}
        </li>
      ))}
    </ul>
  );
}
