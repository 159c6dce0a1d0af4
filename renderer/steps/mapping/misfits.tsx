import { Button } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { MappingMisfit } from '../../../shared/domain/mapping-file.ts';
import { number } from '../../../shared/text/counts.ts';
import { misfitText } from '../../../shared/text/mapping-file-text.ts';

interface MisfitsProps {
  readonly misfits: readonly MappingMisfit[];
  readonly mapping: FieldMapping;
  readonly nameOf: (column: number) => string;
  readonly dismiss: () => void;
}

/** Lines shown before the rest is asked for. */
const SHOWN = 4;

/** What of a mapping made before no longer fits; what was fixed since is not said any more. */
export function Misfits({ misfits, mapping, nameOf, dismiss }: MisfitsProps) {
  const [opened, setOpened] = useState(false);
  const fixed = new Set(
    mapping.columns.flatMap(({ column, target }) => (target.kind === 'ignored' ? [] : [nameOf(column)])),
  );
  const left = misfits.filter(
    (misfit) => !((misfit.code === 'FIELD_GONE' || misfit.code === 'FIELD_CLOSED') && fixed.has(misfit.column)),
  );
  if (left.length === 0) return null;
  return (
    <section className="notice" data-tone="warning" aria-label="What no longer fits">
      <TriangleAlert size={16} aria-hidden />
      <div>
        {(opened ? left : left.slice(0, SHOWN)).map((misfit, index) => (
          <div key={index}>{misfitText(misfit)}</div>
        ))}
        {left.length > SHOWN && (
          <button type="button" className="link" aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? 'Show fewer' : `Show ${number(left.length - SHOWN)} more`}
          </button>
        )}
      </div>
      <Button size="compact-sm" variant="default" onClick={dismiss}>
        Dismiss
      </Button>
    </section>
  );
}
