import {
  Ban,
  CircleDashed,
  CircleDotDashed,
  CircleSlash2,
  Copy,
  Equal,
  HelpCircle,
  Pencil,
  Plus,
  Trash2,
  TriangleAlert,
  XCircle,
  type LucideIcon,
} from 'lucide-react';
import type { PlannedKind } from '../../shared/domain/load-plan.ts';
import type { OutcomeKind } from '../../shared/domain/load-results.ts';
import { number, plural } from '../../shared/text/counts.ts';

type Tone = 'create' | 'update' | 'unchanged' | 'duplicate' | 'blocked' | 'warning';

interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon: LucideIcon;
}

/** One look per outcome, for chips, ledgers and grid cells alike. */
export const PLANNED_LOOK: Record<PlannedKind, Look> = {
  insert: { tone: 'create', word: 'Create', icon: Plus },
  update: { tone: 'update', word: 'Update', icon: Pencil },
  delete: { tone: 'blocked', word: 'Delete', icon: Trash2 },
  unchanged: { tone: 'unchanged', word: 'Unchanged', icon: Equal },
  duplicate: { tone: 'duplicate', word: 'Duplicate', icon: Copy },
  blocked: { tone: 'blocked', word: 'Not sent', icon: Ban },
};

export const OUTCOME_LOOK: Record<OutcomeKind, Look> = {
  created: { tone: 'create', word: 'Created', icon: Plus },
  updated: { tone: 'update', word: 'Updated', icon: Pencil },
  deleted: { tone: 'update', word: 'Deleted', icon: Trash2 },
  unchanged: { tone: 'unchanged', word: 'Unchanged', icon: Equal },
  incomplete: { tone: 'warning', word: 'Incomplete', icon: CircleDotDashed },
  failed: { tone: 'blocked', word: 'Failed', icon: XCircle },
  skipped: { tone: 'duplicate', word: 'Not sent', icon: CircleSlash2 },
  unprocessed: { tone: 'warning', word: 'Unprocessed', icon: CircleDashed },
  unknown: { tone: 'warning', word: 'Unknown', icon: HelpCircle },
};

/** Counts that visibly add up to the rows of the file; each chip filters by its outcome. */
export function CountChips({
  counts,
  rows,
  chosen,
  choose,
}: {
  readonly counts: Record<PlannedKind, number>;
  readonly rows: number;
  readonly chosen: PlannedKind | null;
  readonly choose: (kind: PlannedKind | null) => void;
}) {
  const kinds = (Object.keys(PLANNED_LOOK) as PlannedKind[]).filter(
    (kind) => counts[kind] > 0 || (kind !== 'delete' && kind !== 'duplicate'),
  );
  return (
    <ul className="chips" aria-label="Rows by what would happen to them">
      {kinds.map((kind, index) => {
        const { tone, word, icon: Icon } = PLANNED_LOOK[kind];
        return (
          <li key={kind} className="chips">
            {index > 0 && <span className="sum">+</span>}
            <button
              type="button"
              className="chip"
              data-tone={tone}
              aria-pressed={chosen === kind}
              onClick={() => choose(chosen === kind ? null : kind)}
            >
              <Icon size={15} aria-hidden /> {word} <b>{number(counts[kind])}</b>
            </button>
          </li>
        );
      })}
      <li className="sum">= {plural(rows, 'row')}</li>
    </ul>
  );
}

export function Warning({
  tone,
  children,
  action,
}: {
  readonly tone: Tone;
  readonly children: React.ReactNode;
  readonly action?: React.ReactNode;
}) {
  return (
    <div className="notice" data-tone={tone}>
      <TriangleAlert size={16} aria-hidden />
      <span>{children}</span>
      {action}
    </div>
  );
}
