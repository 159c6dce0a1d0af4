import { Button, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Search, Sparkles, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Failure } from '../../../shared/contract/failure.ts';
import type { SavedFile } from '../../../shared/contract/procedures.ts';
import type { RowView, SourceState } from '../../../shared/domain/source-file.ts';
import { shown } from '../../../shared/text/shown.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { useCommand } from '../../backend/commands.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';
import { Waiting } from '../../components/waiting.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { CleaningPanel } from './cleaning-panel.tsx';
import { ColumnPanel } from './column-panel.tsx';
import { FileSummary } from './file-summary.tsx';
import { HowRead } from './how-read.tsx';
import { SourceGrid } from './source-grid.tsx';
import { StagingProgress } from './staging-progress.tsx';
import { useSourceChanges } from './use-source-changes.ts';
import { WhatFor } from './what-for.tsx';
import { WhatWasFound } from './what-was-found.tsx';
import { columnLabel, number, plural } from '../../../shared/text/counts.ts';

type SidePanel = { kind: 'column'; column: number } | { kind: 'cleaning'; column: number | null };

/** Keystrokes of a search are gathered for so long, in milliseconds: every view costs the backend a pass over all rows. */
const SEARCH_PAUSE = 300;

/** The data as they were read, what was found in it, what is done to it, and what it is for. */
export function SourceStep({ draft, dispatch, parts, org, nonce }: StepProps) {
  const backend = useBackend();
  const { source } = parts;
  const { sourceId } = draft;
  const changes = useSourceChanges(sourceId, source, draft, dispatch);
  const staged = source?.state.kind === 'staged';
  // Asked for here, so that the mapping has its examples when it opens.
  useCall('source.glance', sourceId && staged ? { sourceId } : null, { keep: true });
  const [side, setSide] = useState<SidePanel | null>(null);
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search, SEARCH_PAUSE);
  const [filter, setFilter] = useState<RowView['filters'][number] | null>(null);
  const [problemsOnly, setProblemsOnly] = useState(false);
  const [saveFailure, setSaveFailure] = useState<Failure | null>(null);
  const [saved, setSaved] = useState<SavedFile | null>(null);
  const view = useMemo(
    () => ({ search: settled, filters: filter ? [filter] : [], problemsOnly }),
    [settled, filter, problemsOnly],
  );
  const showColumn = useCallback((column: number) => setSide({ kind: 'column', column }), []);
  const save = useCallback(() => {
    if (!sourceId) return;
    setSaveFailure(null);
    setSaved(null);
    backend.call('source.save', { sourceId }).then(
      (file) => setSaved(takeDownload(file)),
      (error: unknown) => setSaveFailure(failureOf(error)),
    );
  }, [backend, sourceId]);
  useCommand('export', staged ? save : null);
  if (!source || !sourceId) return <Waiting title="Source">Opening the file…</Waiting>;

  const { state } = source;
  const refused = state.kind === 'refused' ? Failure.safeParse(state.failure) : null;
  const nameOf = (column: number) => columnLabel(source.columns[column]?.name, column);
  const failure = changes.failure ?? saveFailure;

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>{source.fileName}</h2>
            {state.kind === 'staged' && (
              <p className="lead" role="status">
                {summaryText(state, source.columns.length)}
              </p>
            )}
          </div>
        </header>
        {state.kind === 'staging' && (
          <StagingProgress source={source} stop={() => void backend.call('source.stop', { sourceId })} />
        )}
        {source.changedOnDisk && (
          <Warning
            tone="warning"
            action={
              <Button size="compact-xs" variant="default" onClick={() => void changes.reopen(null)}>
                Read it again
              </Button>
            }
          >
            The file has changed since it was read. This load uses the rows as they were read.
          </Warning>
        )}
        {failure && <FailurePanel failure={failure} />}
        {saved?.kind === 'saved' && <SavedNotice file={saved} />}
        {refused?.success && (
          <FailurePanel
            failure={refused.data}
            {...(refused.data.code === 'CANCELLED'
              ? { action: { label: 'Read the file', run: () => void changes.reopen(null) } }
              : {})}
          />
        )}
        {parts.failure && <FailurePanel failure={parts.failure} again={parts.retry} />}
        <FileSummary key={sourceId} source={source} draft={draft} isConnected={org !== null}>
          <HowRead source={source} reopen={changes.reopen} />
          <WhatFor draft={draft} dispatch={dispatch} source={source} org={org} />
          <WhatWasFound source={source} reopen={changes.reopen} />
        </FileSummary>
        <Group className="toolbar" gap="xs">
          <TextInput
            data-search
            aria-label="Search in all columns"
            placeholder="Search in all columns"
            leftSection={<Search size={15} aria-hidden />}
            value={search}
            disabled={!staged}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          {filter && (
            <button type="button" className="chip" data-tone="update" onClick={() => setFilter(null)}>
              {nameOf(filter.column)} {filter.kind === 'blank' ? 'is blank' : `is “${shown(filter.text)}”`}
              <X size={14} aria-label="Show all again" />
            </button>
          )}
          {state.kind === 'staged' && state.problemRows > 0 && (
            <button
              type="button"
              className="chip"
              data-tone="blocked"
              aria-pressed={problemsOnly}
              onClick={() => setProblemsOnly(!problemsOnly)}
            >
              Could not be read <b>{number(state.problemRows)}</b>
            </button>
          )}
          <Button
            variant="default"
            ml="auto"
            leftSection={<Sparkles size={15} aria-hidden />}
            disabled={!staged}
            aria-expanded={side?.kind === 'cleaning'}
            onClick={() =>
              setSide(
                side?.kind === 'cleaning'
                  ? null
                  : { kind: 'cleaning', column: side?.kind === 'column' ? side.column : null },
              )
            }
          >
            Clean
            {source.cleaning.length > 0 ? ` (${plural(source.cleaning.length, 'step')})` : ''}
          </Button>
        </Group>
        <div className="rows" data-side={side !== null && staged}>
          <div className="rows-grid">
            <SourceGrid
              sourceId={sourceId}
              source={source}
              view={view}
              changes={changes}
              showColumn={showColumn}
              nonce={nonce}
            />
          </div>
          {staged && side?.kind === 'column' && (
            <ColumnPanel
              key={side.column}
              sourceId={sourceId}
              column={side.column}
              name={nameOf(side.column)}
              filter={(kind, text) => setFilter({ column: side.column, kind, text })}
              close={() => setSide(null)}
            />
          )}
          {staged && side?.kind === 'cleaning' && (
            <CleaningPanel
              sourceId={sourceId}
              source={source}
              column={side.column}
              changes={changes}
              canUndo={draft.sourceUndo.length > 0}
              save={save}
              close={() => setSide(null)}
            />
          )}
        </div>
      </div>
      <div className="actions">
        <span className="what">{org ? 'Nothing is sent to Salesforce yet.' : 'Connect an org to continue.'}</span>
        <Button
          data-primary
          disabled={!staged || !draft.mapping}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'mapping' } })}
        >
          Map {plural(source.columns.length, 'column')}
        </Button>
      </div>
    </>
  );
}

function summaryText(state: Extract<SourceState, { kind: 'staged' }>, columns: number): string {
  const facts = [
    `${plural(state.rows, 'row')}, ${plural(columns, 'column')}, read in ${(state.milliseconds / 1000).toFixed(1)} s`,
  ];
  if (state.removedRows > 0) facts.push(`${plural(state.removedRows, 'duplicate row')} removed`);
  if (state.problemRows > 0) facts.push(`${plural(state.problemRows, 'row')} could not be read and will not be sent`);
  return `${facts.join('. ')}.`;
}
