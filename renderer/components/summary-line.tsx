import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  readonly label: string;
  /** What is so now, in short: each beside the other. */
  readonly summary: ReactNode;
  readonly open: boolean;
  readonly toggle: () => void;
  /** What opening it is for. */
  readonly opens?: string;
  /** Where each can be changed; below the line while it is open. */
  readonly children: ReactNode;
}

/** What is so, in one line, which opens to where it can be changed. */
export function SummaryLine({ label, summary, open, toggle, opens = 'Change', children }: Props) {
  return (
    <section className="summary-line" aria-label={label}>
      <button type="button" aria-expanded={open} onClick={toggle}>
        <ChevronRight size={16} aria-hidden />
        {summary}
        <span className="reason">{open ? 'Close' : opens}</span>
      </button>
      {open && <div className="summary-parts">{children}</div>}
    </section>
  );
}
