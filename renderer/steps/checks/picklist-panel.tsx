import { ListChecks } from 'lucide-react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { QuestionPanel } from './question-panel.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  readonly org: OrgSummary;
  readonly ask: AskOrg;
}

/** Picklist values that a row's record type does not have: a warning, for a picklist that is not restricted takes them. */
export function PicklistPanel({ sourceId, org, ask }: Props) {
  const backend = useBackend();
  return (
    <QuestionPanel
      sourceId={sourceId}
      ask={ask}
      title="Picklist values by record type"
      lead={`Reads from ${org.name} which values each record type allows. Nothing is written. Existing records are checked only if your file names their record type.`}
      button={{ label: 'Check picklists by record type', icon: ListChecks }}
      question={({ planId }, signal) => backend.call('rehearsal.picklists', { planId }, { signal })}
      allWell={({ recordTypes }) => `${plural(recordTypes, 'record type')}: every value fits.`}
      found={({ conflicts }) =>
        conflicts.map(({ field, fieldLabel, recordType, value, controlling, rows, firstRow }) => (
          <div key={`${field} ${recordType} ${value} ${controlling ?? ''}`} className="fix">
            <div className="grow">
              <div>
                <strong>{fieldLabel}</strong>: “{value}” is not available for record type {recordType}
                {controlling === null ? '' : ` where the controlling value is “${controlling}”`}.
              </div>
              <div className="reason">
                {plural(rows, 'row')}, first row {number(firstRow)}. Salesforce rejects it if the picklist is
                restricted.
              </div>
            </div>
          </div>
        ))
      }
    />
  );
}
