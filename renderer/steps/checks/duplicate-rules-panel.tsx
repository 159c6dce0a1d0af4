import { SegmentedControl } from '@mantine/core';
import { UsersRound } from 'lucide-react';
import { useState } from 'react';
import type { AskedRows, DuplicateRuleReport, RuleFinding } from '../../../shared/domain/duplicate-rules.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { effectText, noDuplicatesText, ruleCaveats } from '../../../shared/text/duplicate-rule-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { QuestionPanel } from './question-panel.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  readonly org: OrgSummary;
  readonly ask: AskOrg;
  readonly answered: (report: DuplicateRuleReport) => void;
}

/** New rows that the org's own duplicate rules find a record for. */
export function DuplicateRulesPanel({ sourceId, org, ask, answered }: Props) {
  const backend = useBackend();
  const [asked, setAsked] = useState<AskedRows>('candidates');
  return (
    <QuestionPanel<DuplicateRuleReport>
      sourceId={sourceId}
      ask={ask}
      title="The org’s duplicate rules"
      lead={`Asks the duplicate rules of ${org.name} about the rows that would create records. Nothing is written.`}
      button={{ label: 'Ask the duplicate rules', icon: UsersRound }}
      options={
        <SegmentedControl
          size="sm"
          aria-label="Which rows to ask about"
          value={asked}
          data={[
            { value: 'candidates', label: 'Rows like a record' },
            { value: 'all', label: 'All new rows' },
          ]}
          onChange={setAsked}
        />
      }
      question={({ planId }, signal) => backend.call('duplicateRules.check', { planId, ask: asked }, { signal })}
      anyway={({ planId }, signal) =>
        backend.call('duplicateRules.check', { planId, ask: asked, acceptApiUse: true }, { signal })
      }
      answered={answered}
      allWell={noDuplicatesText}
      found={(report) => [
        ...report.findings.map((finding) => <Finding key={finding.rule} finding={finding} />),
        ...ruleCaveats(report).map((text) => (
          <p key={text} className="lead">
            {text}
          </p>
        )),
      ]}
    />
  );
}

function Finding({ finding }: { readonly finding: RuleFinding }) {
  const { rule, rows, examples } = finding;
  return (
    <div className="fix" role="status">
      <div className="grow">
        <div>
          <strong>{rule}</strong>: {plural(rows, 'row')} with a record like {rows === 1 ? 'it' : 'them'}.{' '}
          {effectText(finding)}
        </div>
        {examples.map(({ row, recordId, recordName, confidence }) => (
          <div key={row} className="reason">
            Row {number(row)}: {recordName === '' ? recordId : `${recordName} (${recordId})`}
            {confidence > 0 && `, ${number(Math.round(confidence))}% alike`}
          </div>
        ))}
        {rows > examples.length && <div className="reason">and {plural(rows - examples.length, 'more row')}</div>}
      </div>
    </div>
  );
}
