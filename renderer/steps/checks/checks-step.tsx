import { Button, Group, Loader, SegmentedControl } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { issueTitle } from '../../../shared/text/issue-title.ts';
import { failureOf, useBackend, useWork } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { GroupChips } from '../../components/group-chips.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';
import { Waiting } from '../../components/waiting.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { useMappingHistory, useUndoKeys } from '../../wizard/use-mapping-history.ts';
import { checksTitle, SENT_WORD, type OrgAnswers } from './checks-title.ts';
import { OrgPanel } from './org-panel.tsx';
import { ProblemGrid } from './problem-grid.tsx';
import { ProblemList } from './problem-list.tsx';
import type { ChangeColumn, Problem } from './problems.ts';

/** Which cells are wrong, grouped by the fix, each with where, the value, the rule and what to do. */
export function ChecksStep(props: StepProps) {
  const { draft, parts } = props;
  const { checks } = parts;
  const work = useWork(draft.sourceId);
  if (checks.error) {
    return (
      <div className="step">
        <h2>Checks</h2>
        <FailurePanel failure={failureOf(checks.error)} again={() => void checks.refetch()} />
      </div>
    );
  }
  if (!checks.data || !draft.mapping) {
    return (
      <Waiting title="Checks">
        {work?.stage === 'checking' && work.total
          ? `Checking column ${number(work.done + 1)} of ${number(work.total)}…`
          : 'Checking every value…'}
      </Waiting>
    );
  }
  return <Checked {...props} report={checks.data} mapping={draft.mapping} />;
}

interface CheckedProps extends StepProps {
  readonly report: CheckReport;
  readonly mapping: FieldMapping;
}

type Look = { kind: 'problems' } | { kind: 'rows'; problem: Problem | null };

function Checked(props: CheckedProps) {
  const { draft, dispatch, parts, org, nonce, report, mapping } = props;
  const [chosen, setLook] = useState<Look>({ kind: 'problems' });
  // What the org said, of the mapping that it was asked about.
  const [told, setTold] = useState<OrgAnswers & { readonly of: FieldMapping | null }>({ of: null });
  const { standing, checks, plan, known } = parts;
  // Problems are there first: what else could be asked follows a moment later.
  const isWhole = useDeferredValue(true, false);
  const home = standing?.notSent ?? 0;
  // Without rows that are not sent there is nothing else to look at.
  const look: Look = home === 0 ? { kind: 'problems' } : chosen;
  const history = useMappingHistory(draft, parts.source, dispatch);
  useUndoKeys(history);
  // A change that took a while to work out, or comes before the last one is drawn, is made to the mapping as it is then.
  const latest = useRef(mapping);
  useEffect(() => {
    latest.current = mapping;
  }, [mapping]);
  const changeColumn: ChangeColumn = (column, next) => {
    const now = latest.current;
    const columns = now.columns.map((one) => (one.column === column ? next(one) : one));
    latest.current = { ...now, columns };
    dispatch({ kind: 'mapping-changed', mapping: latest.current });
  };
  if (!standing) return null;
  const { ready, notSent, leftOut } = standing;
  const becomes = SENT_WORD[mapping.operation];
  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {checksTitle({ rows: report.rows, notSent, leftOut, becomes, answers: told.of === mapping ? told : {} })}
            </h2>
            <p className="lead">
              Rows with a problem are not sent and go into the error file. The other rows are {becomes}. Fixes change
              what is sent, never your file.
            </p>
          </div>
          <GroupChips
            label="Rows by check"
            groups={standing}
            rows={report.rows}
            always={['ready', 'notSent']}
            notes={parts.foundInOrg ? { notSent: `${number(parts.foundInOrg)} found in the org` } : {}}
          />
        </header>
        {checks.isFetching && <Loader role="img" size="sm" aria-label="Checking again" />}
        {plan.isFetching && !checks.isFetching && (
          <Group gap="sm" role="status">
            <Loader role="img" size="sm" aria-label="Looking in the org" />
            <span className="reason">Looking in {org?.name ?? 'the org'} again…</span>
          </Group>
        )}
        {plan.error && <FailurePanel failure={failureOf(plan.error)} />}
        <Views {...props} home={home} look={look} setLook={setLook} />
        {look.kind === 'rows' ? (
          <ProblemGrid draft={draft} dispatch={dispatch} parts={parts} nonce={nonce} problem={look.problem} />
        ) : (
          <>
            <ProblemList
              {...props}
              changeColumn={changeColumn}
              showRows={(problem) => setLook({ kind: 'rows', problem })}
            />
            {isWhole && org && ready > 0 && (
              <OrgPanel
                draft={draft}
                describe={parts.describe}
                org={org}
                ready={ready}
                known={known}
                byOrg={parts.foundInOrg}
                answered={(answers) =>
                  setTold((before) => ({ ...(before.of === mapping ? before : {}), ...answers, of: mapping }))
                }
              />
            )}
          </>
        )}
      </div>
      <div className="actions">
        <Group>
          <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'mapping' } })}>
            Back
          </Button>
          <Button variant="subtle" disabled={history.undo === null} onClick={() => void history.undo?.()}>
            Undo the last fix
          </Button>
        </Group>
        <Button
          data-primary
          disabled={ready === 0 || checks.isFetching}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'plan' } })}
        >
          Compare {plural(ready, 'row')} with {org?.name ?? 'the org'}
        </Button>
      </div>
    </>
  );
}

/** Problems, or only the rows that have them; and those rows as a file. */
function Views({
  look,
  setLook,
  home,
  draft,
  parts: { known },
  mapping,
}: CheckedProps & {
  readonly look: Look;
  readonly setLook: (look: Look) => void;
  /** Rows that are not sent. */
  readonly home: number;
}) {
  const backend = useBackend();
  const { orgId, sourceId } = draft;
  const save = useMutation({
    mutationFn: async () => {
      if (!orgId || !sourceId) return null;
      const saved = known
        ? await backend.call('plan.saveProblemRows', { planId: known.planId })
        : await backend.call('checks.saveProblemRows', { orgId, sourceId, mapping });
      return takeDownload(saved);
    },
  });
  if (home === 0) return null;
  return (
    <>
      <Group gap="sm">
        <SegmentedControl
          size="sm"
          aria-label="What to look at"
          value={look.kind}
          data={[
            { value: 'problems', label: 'Problems' },
            { value: 'rows', label: `Only problem rows (${number(home)})` },
          ]}
          onChange={(kind) => setLook(kind === 'rows' ? { kind: 'rows', problem: null } : { kind: 'problems' })}
        />
        <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
          Save {plural(home, 'problem row')}
        </Button>
        {look.kind === 'rows' && look.problem && (
          <span className="sum">
            Only {issueTitle(look.problem.code)}
            {look.problem.columnName === '' ? '' : ` in ${look.problem.columnName}`}.{' '}
            <Button size="compact-sm" variant="subtle" onClick={() => setLook({ kind: 'rows', problem: null })}>
              Show all problem rows
            </Button>
          </span>
        )}
      </Group>
      {save.error && <FailurePanel failure={failureOf(save.error)} />}
      {save.data?.kind === 'saved' && <SavedNotice file={save.data} />}
    </>
  );
}
