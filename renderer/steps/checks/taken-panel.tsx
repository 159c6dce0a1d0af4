import { Fingerprint } from 'lucide-react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { TakenValues } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { QuestionPanel } from './question-panel.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  /** Labels of the unique fields that are mapped. */
  readonly fields: readonly string[];
  readonly org: OrgSummary;
  readonly ask: AskOrg;
  readonly answered: (taken: readonly TakenValues[]) => void;
}

/** Values of unique fields that another record, or another row, has. */
export function TakenPanel({ sourceId, fields, org, ask, answered }: Props) {
  const backend = useBackend();
  return (
    <QuestionPanel
      sourceId={sourceId}
      ask={ask}
      title="Values that must be unique"
      lead={`Looks in ${org.name} and in your rows for values of ${fields.join(', ')} that are already used. Nothing is written.`}
      button={{ label: 'Look for used values', icon: Fingerprint }}
      question={({ planId }, signal) => backend.call('rehearsal.unique', { planId }, { signal })}
      answered={({ taken }) => answered(taken)}
      allWell={() => 'No value is already used.'}
      found={({ taken }) => taken.map((one) => <Taken key={one.field} taken={one} />)}
    />
  );
}

function Taken({ taken: { fieldLabel, rows, examples } }: { readonly taken: TakenValues }) {
  return (
    <div className="fix" role="status">
      <div className="grow">
        <div>
          <strong>{fieldLabel}</strong>: {plural(rows, 'row')} with a value that is taken; Salesforce would refuse{' '}
          {rows === 1 ? 'it' : 'them'}.
        </div>
        {examples.map(({ row, value, by }) => (
          <div key={row} className="reason">
            Row {number(row)}: “{value}” is{' '}
            {by.kind === 'record' ? `in record ${by.id}` : `in row ${number(by.row)} as well`}
          </div>
        ))}
        {rows > examples.length && <div className="reason">and {plural(rows - examples.length, 'more row')}</div>}
      </div>
    </div>
  );
}
