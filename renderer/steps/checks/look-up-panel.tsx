import { Ban, CheckCircle2, Search } from 'lucide-react';
import { useId } from 'react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { plural } from '../../../shared/text/counts.ts';
import { plannedLookupText } from '../../../shared/text/lookup-text.ts';
import { QuestionPanel } from './question-panel.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  readonly org: OrgSummary;
  readonly ask: AskOrg;
  /** The plan of the mapping as it is, if there is one: with it everything has been looked up. */
  readonly known: LoadPlan | null;
  readonly byOrg: number | null;
}

const TITLE = 'Records that your rows refer to';

/** Whether the records are there that rows are for, and that their lookups lead to. What is not is told among the problems. */
export function LookUpPanel({ sourceId, org, ask, known, byOrg }: Props) {
  const titleId = useId();
  if (!known) {
    return (
      <QuestionPanel
        sourceId={sourceId}
        ask={ask}
        title={TITLE}
        lead={`Looks in ${org.name} for the records that your rows match and the parents that they refer to. Missing ones are listed as problems. Nothing is written.`}
        button={{ label: 'Look them up', icon: Search }}
        question={({ lookups }) => Promise.resolve({ calls: lookups.reduce((sum, { apiCalls }) => sum + apiCalls, 0) })}
        allWell={() => 'Looked up.'}
        found={() => []}
      />
    );
  }
  // Columns in which no row names anything say nothing.
  const lookups = known.lookups.filter(({ found, without, oldest, inactive, apiCalls }) => {
    return found + without + oldest + inactive + apiCalls > 0;
  });
  const isFine = (byOrg ?? 0) === 0;
  const Icon = isFine ? CheckCircle2 : Ban;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h3 id={titleId}>{TITLE}</h3>
      {lookups.map((lookup) => (
        <p key={`${lookup.column} ${lookup.parent}`} className="lead">
          {plannedLookupText(lookup)}
        </p>
      ))}
      <div className="notice answer" data-tone={isFine ? 'create' : 'blocked'} role="status">
        <Icon size={16} aria-hidden />
        <span>
          {isFine
            ? `${org.name} keeps no further row from being sent.`
            : `Looked up in ${org.name}: ${plural(byOrg ?? 0, 'more row')} ${byOrg === 1 ? 'is' : 'are'} not sent. The reasons are shown above.`}
        </span>
      </div>
    </section>
  );
}
