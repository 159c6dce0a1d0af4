import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { MappingMisfit } from '../../../shared/domain/mapping-file.ts';
import { misfitText } from '../../../shared/text/mapping-file-text.ts';

interface MisfitsProps {
  readonly misfits: readonly MappingMisfit[];
  readonly mapping: FieldMapping;
  readonly nameOf: (column: number) => string;
  readonly dismiss: () => void;
}

/** What of a mapping made before no longer fits; what was mended since is not said any more. */
export function Misfits({ misfits, mapping, nameOf, dismiss }: MisfitsProps) {
  const mended = new Set(
    mapping.columns.flatMap(({ column, target }) => (target.kind === 'ignored' ? [] : [nameOf(column)])),
  );
  const left = misfits.filter(
    (misfit) => !((misfit.code === 'FIELD_GONE' || misfit.code === 'FIELD_CLOSED') && mended.has(misfit.column)),
  );
  if (left.length === 0) return null;
  return (
    <section className="notice" data-tone="warning" aria-label="What no longer fits">
      <TriangleAlert size={16} aria-hidden />
      <div>
        {left.map((misfit, index) => (
          <div key={index}>{misfitText(misfit)}</div>
        ))}
      </div>
      <Button size="compact-sm" variant="default" onClick={dismiss}>
        Dismiss
      </Button>
    </section>
  );
}
