import { Button, Group } from '@mantine/core';
import { X } from 'lucide-react';
import type { ColDef } from 'ag-grid-community';
import { useCallback, useMemo, useState, type Dispatch } from 'react';
import { OutcomeKind, type ErrorReason, type OutcomeRow } from '../../shared/domain/load-results.ts';
import {
  changedRecords,
  FILE_OUTCOMES,
  groupList,
  loadedGroups,
  OUTCOME_GROUP,
  rowsInFile,
  type LoadedGroups,
} from '../../shared/domain/row-groups.ts';
import { approvalText } from '../../shared/text/approval-text.ts';
import { cutShortText } from '../../shared/text/load-state-text.ts';
import { refusalText } from '../../shared/text/refusal-text.ts';
import { GROUP_WORD } from '../../shared/text/row-group-text.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { LateGrid } from '../components/late-grid.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { LoadNotices } from '../components/load-notices.tsx';
import { GroupChips } from '../components/group-chips.tsx';
import { GROUP_LOOK } from '../components/outcome.tsx';
import { OutcomeBar } from '../components/outcome-bar.tsx';
import { Waiting } from '../components/waiting.tsx';
import { moment } from '../settings/moments.ts';
import type { Draft, DraftAction } from '../wizard/draft.ts';
import { columnLabel, number, plural } from '../../shared/text/counts.ts';
import { durationText } from '../../shared/text/duration-text.ts';
import { reasonText } from '../../shared/text/error-reason-text.ts';
import { PaceChart } from '../components/pace-chart.tsx';
import { ContinueLoad } from './continue-load.tsx';
import { ErrorReasons } from './error-reasons.tsx';
import { SaveAsJob } from './jobs/save-as-job.tsx';
import { UndoLoad } from './undo-load.tsx';
import { ResultFiles } from './result-files.tsx';
import { SecondStepAgain } from './second-step-again.tsx';

interface Props {
  readonly draft: Draft;
  readonly dispatch: Dispatch<DraftAction>;
  readonly nonce: string;
  readonly chooseFile: () => void;
}

/** What became of every row: numbers that add up, files to keep, and what to fix. */
export function ReportStep({ draft, dispatch, nonce, chooseFile }: Props) {
  const backend = useBackend();
  const { loadId } = draft;
  const report = useCall('report.get', loadId ? { loadId } : null);
  const [chosen, setKinds] = useState<readonly OutcomeKind[] | null>(null);
  const [reason, setReason] = useState<ErrorReason | null>(null);
  const inErrorFile = report.data ? rowsInFile(report.data.load.counts, 'error') : 0;
  // What went wrong; where nothing did, what was loaded.
  const kinds = chosen ?? FILE_OUTCOMES[inErrorFile > 0 ? 'error' : 'success'];
  const columnNames = useCall('report.page', loadId ? { loadId, kinds: [], offset: 0, limit: 1 } : null, { keep: true })
    .data?.columns;
  const columns = useMemo<ColDef<OutcomeRow>[]>(
    () => [
      {
        headerName: 'Row',
        pinned: 'left',
        width: 90,
        cellClass: 'value',
        valueGetter: ({ data }) => (data ? number(data.row) : '…'),
      },
      {
        headerName: 'Outcome',
        width: 130,
        valueGetter: ({ data }) => (data ? GROUP_WORD[OUTCOME_GROUP[data.kind]] : ''),
      },
      {
        headerName: 'Why',
        width: 460,
        valueGetter: ({ data }) => refusalText(data?.error ?? ''),
        tooltipValueGetter: ({ data }) => data?.error,
      },
      { headerName: 'Record', width: 190, cellClass: 'value', valueGetter: ({ data }) => data?.id ?? '' },
      ...(columnNames ?? []).map((name, index): ColDef<OutcomeRow> => ({
        headerName: columnLabel(name, index),
        width: 150,
        valueGetter: ({ data }) => data?.cells[index] ?? '',
      })),
    ],
    [columnNames],
  );
  const fetchPage = useCallback(
    (offset: number, limit: number) =>
      loadId
        ? backend.call('report.page', { loadId, kinds: [...kinds], ...(reason ? { reason } : {}), offset, limit })
        : Promise.resolve({ rows: [], total: 0 }),
    [backend, loadId, kinds, reason],
  );

  if (report.error)
    return (
      <div className="step">
        <h2>Report</h2>
        <FailurePanel failure={failureOf(report.error)} again={() => void report.refetch()} />
      </div>
    );
  if (!report.data || !loadId) return <Waiting title="Report">Reading the outcome of every row…</Waiting>;
  const { load, errorGroups, retriable } = report.data;
  const { counts } = load;
  const groups = loadedGroups(load);

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {cutShortText(load) ?? 'Loaded'}: {plural(changedRecords(counts), 'record')} changed
            </h2>
            <p className="lead">
              {load.fileName} into {load.objectLabel} in {load.orgName}, {durationText(load.elapsed)},{' '}
              {plural(load.apiCalls, 'API call')}. Every row of the file has exactly one outcome.
            </p>
            {load.undoOf && (
              <p className="lead">
                This load is an undo.{' '}
                <Button
                  size="compact-xs"
                  variant="subtle"
                  onClick={() => load.undoOf && dispatch({ kind: 'load-opened', loadId: load.undoOf, step: 'report' })}
                >
                  See the load that it undoes
                </Button>
              </p>
            )}
            {load.approval && (
              <p className="lead">
                {approvalText(load.approval, moment(Date.parse(load.approval.approvedAt)))}
                {load.approval.comment === '' ? '' : ` “${load.approval.comment}”`}
              </p>
            )}
          </div>
          {load.state.kind === 'finished' && counts.unprocessed > 0 && <ContinueLoad load={load} dispatch={dispatch} />}
        </header>
        <OutcomeBar counts={counts} rows={load.rows} />
        <LoadNotices load={load} />
        <Group align="flex-start" gap="md">
          <Ledger groups={groups} rows={load.rows} />
          <ResultFiles load={load} dispatch={dispatch} />
        </Group>
        {load.state.kind === 'finished' && <UndoLoad loadId={loadId} dispatch={dispatch} />}
        {retriable > 0 && <SecondStepAgain loadId={loadId} rows={retriable} dispatch={dispatch} />}
        <PaceChart load={load} />
        {errorGroups.length > 0 && (
          <ErrorReasons groups={errorGroups} rows={inErrorFile} chosen={reason} choose={setReason} />
        )}
        <Group>
          {reason && (
            <button type="button" className="chip" data-tone="blocked" onClick={() => setReason(null)}>
              {reasonText(reason)} <X size={14} aria-label="Show all again" />
            </button>
          )}
          <GroupChips
            label="Rows by outcome, to be shown below"
            groups={groups}
            rows={load.rows}
            filter={{
              isPressed: (group) => reason === null && kinds.some((kind) => OUTCOME_GROUP[kind] === group),
              toggle: (group) => {
                const pressed = reason === null && kinds.some((kind) => OUTCOME_GROUP[kind] === group);
                const of = OutcomeKind.options.filter((kind) => OUTCOME_GROUP[kind] === group);
                setReason(null);
                setKinds(pressed ? kinds.filter((kind) => !of.includes(kind)) : [...new Set([...kinds, ...of])]);
              },
            }}
          />
        </Group>
        <LateGrid label="Rows by outcome" nonce={nonce} columns={columns} fetchPage={fetchPage} />
      </div>
      <div className="actions">
        {load.state.kind === 'finished' && load.undoOf === undefined && (
          <SaveAsJob
            key={loadId}
            load={load}
            openJobs={() => dispatch({ kind: 'go', place: { kind: 'jobs', then: draft.place } })}
          />
        )}
        <Button data-primary variant="default" onClick={chooseFile}>
          Open another file
        </Button>
      </div>
    </>
  );
}

function Ledger({ groups, rows }: { readonly groups: LoadedGroups; readonly rows: number }) {
  return (
    <section className="panel" aria-labelledby="ledger-title" style={{ minWidth: 280 }}>
      <h3 id="ledger-title" style={{ marginBottom: 8 }}>
        Every row, once
      </h3>
      <ul className="ledger">
        {groupList(groups).map(({ group, rows: of }) => {
          const { tone, icon: Icon } = GROUP_LOOK[group];
          return (
            <li key={group} data-tone={tone} data-group={group}>
              <Icon size={16} aria-hidden />
              <span>{GROUP_WORD[group]}</span>
              <span>{number(of)}</span>
            </li>
          );
        })}
        <li className="total">
          <span aria-hidden>=</span>
          <span>Rows in the file</span>
          <span>{number(rows)}</span>
        </li>
      </ul>
    </section>
  );
}
