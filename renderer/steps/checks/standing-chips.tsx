import { Ban, CheckCircle2, CircleSlash2, Copy, type LucideIcon } from 'lucide-react';
import { Fragment } from 'react';
import type { RowStanding } from '../../../shared/domain/row-standing.ts';
import { number, plural } from '../../../shared/text/counts.ts';

/** How the rows divide: counts that add up to those of the file. */
export function StandingChips({ standing, rows }: { readonly standing: RowStanding; readonly rows: number }) {
  const { ready, repeated, leftOut, toFix, byOrg } = standing;
  const all: [tone: string, icon: LucideIcon, word: string, count: number][] = [
    ['create', CheckCircle2, 'Ready', ready],
    ['duplicate', Copy, 'Repeated', repeated],
    ['unchanged', CircleSlash2, 'Left out', leftOut],
    ['blocked', Ban, byOrg ? `To fix (${number(byOrg)} found in the org)` : 'To fix', toFix],
  ];
  const shown = all.filter(([tone, , , count]) => count > 0 || tone === 'create' || tone === 'blocked');
  return (
    <ul className="chips" aria-label="Rows by check">
      {shown.map(([tone, Icon, word, count], index) => (
        <Fragment key={tone}>
          {index > 0 && <li className="sum">+</li>}
          <li className="chip" data-tone={tone}>
            <Icon size={15} aria-hidden /> {word} <b>{number(count)}</b>
          </li>
        </Fragment>
      ))}
      <li className="sum">= {plural(rows, 'row')}</li>
    </ul>
  );
}
