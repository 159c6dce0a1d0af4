import type { ReactNode } from 'react';
import type { ResemblingRow } from '../../../../shared/domain/resembling.ts';
import type { OrgId } from '../../../../shared/domain/ids.ts';
import { number } from '../../../../shared/text/counts.ts';
import { reasonsText } from '../../../../shared/text/resemblance-text.ts';
import { cautionTexts, scoreText } from '../../../../shared/text/resembling-text.ts';
import { RecordLink } from '../../../components/record-link.tsx';
import { saysOther } from './score-range.ts';

interface Props {
  readonly pair: ResemblingRow;
  readonly orgId: OrgId;
  /** What a person can do with it. */
  readonly children: ReactNode;
}

/** A row and a record side by side, why they are taken for the same, and what to do about it. */
export function PairCard({ pair, orgId, children }: Props) {
  const { row, record, weight, reasons, rules, fields } = pair;
  const shown = fields.filter((one) => one.row !== '' || one.record !== '');
  return (
    <article className="panel pair" aria-label={`Row ${number(row)} and record ${record}`}>
      <table className="list pair">
        <thead>
          <tr>
            <th scope="col">Score {scoreText(weight)}</th>
            <th scope="col">Row {number(row)}</th>
            <th scope="col">
              Record <RecordLink orgId={orgId} id={record} />
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.field}>
              <th scope="row">{one.field}</th>
              <td className={saysOther(one.row, one.record) ? 'now' : undefined}>{one.row}</td>
              <td className={saysOther(one.row, one.record) ? 'now' : undefined}>{one.record}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="lead">{reasonsText(reasons)}</p>
      <p className="reason whole">Compared for: {rules.join('; ')}</p>
      {cautionTexts(pair).map((text) => (
        <p key={text} className="lead">
          {text}
        </p>
      ))}
      {children}
    </article>
  );
}
