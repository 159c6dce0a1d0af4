import {
  Ban,
  CheckCircle2,
  CircleDashed,
  CircleDotDashed,
  CircleSlash2,
  Copy,
  Equal,
  HelpCircle,
  Hourglass,
  Pencil,
  Plus,
  Trash2,
  TriangleAlert,
  Undo2,
  XCircle,
  type LucideIcon,
} from 'lucide-react';
import type { RowGroup } from '../../shared/domain/row-groups.ts';

type Tone = 'create' | 'update' | 'unchanged' | 'duplicate' | 'blocked' | 'warning';

/** One look per group of rows, for chips, ledgers, bars and grid cells alike; its word is `GROUP_WORD`. */
export const GROUP_LOOK: Record<RowGroup, { readonly tone: Tone; readonly icon: LucideIcon }> = {
  ready: { tone: 'create', icon: CheckCircle2 },
  create: { tone: 'create', icon: Plus },
  update: { tone: 'update', icon: Pencil },
  delete: { tone: 'blocked', icon: Trash2 },
  undelete: { tone: 'create', icon: Undo2 },
  created: { tone: 'create', icon: Plus },
  updated: { tone: 'update', icon: Pencil },
  deleted: { tone: 'update', icon: Trash2 },
  undeleted: { tone: 'create', icon: Undo2 },
  unchanged: { tone: 'unchanged', icon: Equal },
  incomplete: { tone: 'warning', icon: CircleDotDashed },
  failed: { tone: 'blocked', icon: XCircle },
  unprocessed: { tone: 'warning', icon: CircleDashed },
  unknown: { tone: 'warning', icon: HelpCircle },
  toCome: { tone: 'unchanged', icon: Hourglass },
  repeated: { tone: 'duplicate', icon: Copy },
  leftOut: { tone: 'unchanged', icon: CircleSlash2 },
  notSent: { tone: 'blocked', icon: Ban },
};

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
