import { Check } from 'lucide-react';
import type { LoadParts } from '../wizard/use-load-parts.ts';
import { STEPS, type Step } from '../wizard/draft.ts';
import { STEP_WORD } from '../wizard/headline.ts';

interface Props {
  readonly steps: LoadParts['steps'];
  /** The step that is shown; null where none is. */
  readonly current: Step | null;
  readonly go: (step: Step) => void;
}

/** The steps of a load, each with how far it is. */
export function Rail({ steps, current, go }: Props) {
  return (
    <nav className="rail" aria-label="Steps of this load" data-region>
      <ol>
        {STEPS.map((name, index) => {
          const { reachable, done, count } = steps[name];
          const isNow = current === name;
          return (
            <li key={name}>
              <button
                type="button"
                disabled={!reachable}
                aria-current={isNow ? 'step' : undefined}
                onClick={() => go(name)}
              >
                <span className="dot" data-state={isNow ? 'now' : done ? 'done' : 'later'} aria-hidden>
                  {done && !isNow ? <Check size={14} strokeWidth={3} /> : index + 1}
                </span>
                <span>
                  {STEP_WORD[name]}
                  <span className="count">{count}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
