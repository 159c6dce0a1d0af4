import type { RowGroup } from '../../shared/domain/row-groups.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { GROUP_WORD } from '../../shared/text/row-group-text.ts';
import { GROUP_LOOK } from './outcome.tsx';

interface Props<G extends RowGroup> {
  /** What the chips are of, for those who don't see them side by side. */
  readonly label: string;
  readonly groups: Readonly<Record<G, number>>;
  readonly rows: number;
  /** Groups that are shown even without a row. */
  readonly always?: readonly G[];
  /** A word behind a group's own. */
  readonly notes?: Partial<Record<G, string>>;
  /** Makes each chip a button that shows its rows. */
  readonly filter?: { readonly isPressed: (group: G) => boolean; readonly toggle: (group: G) => void };
}

/** How the rows of a file divide: counts that visibly add up to its rows, the same in every step. */
export function GroupChips<G extends RowGroup>({ label, groups, rows, always = [], notes = {}, filter }: Props<G>) {
  const shown = (Object.keys(groups) as G[]).filter((group) => groups[group] > 0 || always.includes(group));
  return (
    <ul className="chips" aria-label={label}>
      {shown.map((group, index) => {
        const { tone, icon: Icon } = GROUP_LOOK[group];
        const note = (notes as Partial<Record<RowGroup, string>>)[group];
        const content = (
          <>
            <Icon size={15} aria-hidden /> {GROUP_WORD[group]}
            {note ? ` (${note})` : ''} <b>{number(groups[group])}</b>
          </>
        );
        return (
          <li key={group} className="chips">
            {index > 0 && <span className="sum">+</span>}
            {filter ? (
              <button
                type="button"
                className="chip"
                data-tone={tone}
                data-group={group}
                aria-pressed={filter.isPressed(group)}
                onClick={() => filter.toggle(group)}
              >
                {content}
              </button>
            ) : (
              <span className="chip" data-tone={tone} data-group={group}>
                {content}
              </span>
            )}
          </li>
        );
      })}
      <li className="sum">= {plural(rows, 'row')}</li>
    </ul>
  );
}
