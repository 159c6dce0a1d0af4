import { Button, Loader, NativeSelect, Select } from '@mantine/core';
import { CheckCircle2, TriangleAlert } from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import type { ColDef } from 'ag-grid-community';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import { Failure as FailureSchema } from '../../shared/contract/failure.ts';
import type { Operation } from '../../shared/domain/field-mapping.ts';
import { mappedColumns } from '../../shared/domain/field-mapping.ts';
import { Delimiter, Encoding, type DialectChoice, type PreviewRow } from '../../shared/domain/source-file.ts';
import { delimiterName, noticeText, rowProblemText } from '../../shared/text/notice-text.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { number, plural } from '../components/outcome.tsx';
import type { StepProps } from '../wizard/use-load-parts.ts';

const DataGrid = lazy(() =>
  import('../components/data-grid.tsx').then((module) => ({ default: module.DataGrid<PreviewRow> })),
);

const OPERATIONS: { value: Operation; label: string; sentence: string }[] = [
  {
    value: 'upsert',
    label: 'Upsert',
    sentence: 'Rows that match a record by an external ID update it; the others create records.',
  },
  { value: 'insert', label: 'Insert', sentence: 'Every row creates a record. Nothing existing is touched.' },
  { value: 'update', label: 'Update', sentence: 'Every row updates the record with its Id. Nothing is created.' },
  {
    value: 'delete',
    label: 'Delete',
    sentence: 'Every row deletes the record with its Id. Deleted records go to the recycle bin.',
  },
];

/** Her data as it was read, what was found in it, and what it is for. */
export function SourceStep({ draft, dispatch, parts, org, nonce }: StepProps) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [failure, setFailure] = useState<Failure | null>(null);
  const { source } = parts;
  const sourceId = draft.sourceId;
  const objects = useCall('orgs.objects', draft.orgId ? { orgId: draft.orgId } : null, { keep: true });
  const staged = source?.state.kind === 'staged';

  const fetchPage = useCallback(
    async (offset: number, limit: number): Promise<{ rows: PreviewRow[]; total: number }> => {
      if (!source || !sourceId) return { rows: [], total: 0 };
      // Until every row is staged the first rows stand in, so that there is always something to see.
      if (source.state.kind !== 'staged')
        return { rows: source.preview.slice(offset, offset + limit), total: source.preview.length };
      return { rows: await backend.call('source.page', { sourceId, offset, limit }), total: source.state.rows };
    },
    // The page source changes when the reading ends or the dialect does, not with every progress event.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
    [backend, sourceId, staged, source?.dialect],
  );
  const columns = useMemo<ColDef<PreviewRow>[]>(
    () => [
      {
        headerName: 'Row',
        pinned: 'left',
        width: 90,
        cellClass: 'value',
        valueGetter: ({ data }) => (data ? number(data.row) : '…'),
      },
      ...(source?.columns ?? []).map(({ index, name }): ColDef<PreviewRow> => ({
        headerName: name || `Column ${index + 1}`,
        width: 160,
        valueGetter: ({ data }) => data?.cells[index] ?? '',
      })),
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the columns change with the dialect only
    [source?.dialect, source?.columns.length],
  );
  if (!source || !sourceId) return <Loader role="img" m="xl" aria-label="Opening the file" />;

  const reopen = async (choice: DialectChoice) => {
    setFailure(null);
    try {
      const opened = await backend.call('source.open', {
        sourceId,
        choice: { encoding: source.dialect.encoding, delimiter: source.dialect.delimiter, ...choice },
      });
      cache.setQueryData(['source.get', { sourceId }], opened);
      cache.removeQueries({ queryKey: ['checks.run'] });
      cache.removeQueries({ queryKey: ['plan.build'] });
      cache.removeQueries({ queryKey: ['source.profile'] });
      cache.removeQueries({ queryKey: ['mapping.suggest'] });
      dispatch({ kind: 'source-opened', sourceId });
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const { state } = source;
  const refused = state.kind === 'refused' ? FailureSchema.safeParse(state.failure) : null;
  const problemRows = source.preview.filter(({ problem }) => problem !== null);
  const operation = OPERATIONS.find(({ value }) => value === draft.operation);

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>{source.fileName}</h2>
            <p className="lead" role="status">
              {state.kind === 'staging' &&
                `Reading… ${number(state.rows)} rows so far (${percent(state.bytesRead, source.byteLength)})`}
              {state.kind === 'staged' &&
                `${plural(state.rows, 'row')}, ${plural(source.columns.length, 'column')}, read in ${(state.milliseconds / 1000).toFixed(1)} s` +
                  (state.problemRows > 0
                    ? `. ${plural(state.problemRows, 'row')} could not be read as the header promises and will stay home.`
                    : '.')}
            </p>
          </div>
        </header>
        {failure && <FailurePanel failure={failure} />}
        {refused?.success && <FailurePanel failure={refused.data} />}
        {parts.failure && (
          <FailurePanel
            failure={parts.failure}
            action={{
              label: 'Sign in',
              run: () => dispatch({ kind: 'go', place: { kind: 'connect', then: draft.place } }),
            }}
          />
        )}
        <div className="cards">
          <section className="panel" aria-label="How the file was read">
            <h3>How it was read</h3>
            <NativeSelect
              mt="xs"
              label="Delimiter"
              value={source.dialect.delimiter}
              data={Delimiter.options.map((value) => ({ value, label: delimiterName(value) }))}
              onChange={(event) => void reopen({ delimiter: Delimiter.parse(event.currentTarget.value) })}
            />
            <NativeSelect
              mt="xs"
              label="Encoding"
              value={source.dialect.encoding}
              data={[...Encoding.options]}
              onChange={(event) => void reopen({ encoding: Encoding.parse(event.currentTarget.value) })}
            />
          </section>
          <section className="panel" aria-label="What it is for">
            <h3>What it is for</h3>
            {org ? (
              <>
                <Select
                  mt="xs"
                  label="Object"
                  searchable
                  nothingFoundMessage="No such object"
                  value={draft.objectName}
                  data={(objects.data ?? [])
                    .filter(({ createable, updateable, deletable }) => createable || updateable || deletable)
                    .map(({ name, label }) => ({ value: name, label: label === name ? label : `${label} (${name})` }))}
                  onChange={(value) => value && dispatch({ kind: 'object-chosen', objectName: value })}
                  description={
                    draft.objectName && draft.mapping
                      ? `${mappedColumns(draft.mapping).length} of ${source.columns.length} columns fit its fields.`
                      : 'Guessing from the columns…'
                  }
                />
                <NativeSelect
                  mt="xs"
                  label="Operation"
                  value={draft.operation}
                  data={OPERATIONS.map(({ value, label }) => ({ value, label }))}
                  onChange={(event) =>
                    dispatch({ kind: 'operation-chosen', operation: event.currentTarget.value as Operation })
                  }
                  description={operation?.sentence}
                />
              </>
            ) : (
              <>
                <p className="lead">Connect an org to see which object and fields this file fits.</p>
                <Button mt="sm" onClick={() => dispatch({ kind: 'go', place: { kind: 'connect', then: draft.place } })}>
                  Connect an org
                </Button>
              </>
            )}
          </section>
          <section className="panel" aria-label="What was found in the file">
            <h3>What was found</h3>
            <div className="notices" style={{ marginTop: 8 }}>
              {source.notices.map((notice, index) => {
                const { level, text } = noticeText(notice);
                return (
                  <div
                    key={index}
                    className="notice"
                    data-tone={level === 'fix' ? 'unchanged' : level === 'warn' ? 'warning' : 'blocked'}
                  >
                    {level === 'fix' ? <CheckCircle2 size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
                    <span>{text}</span>
                    {notice.code === 'ONE_COLUMN' && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => void reopen({ delimiter: notice.suspect })}
                      >
                        Change
                      </Button>
                    )}
                  </div>
                );
              })}
              {problemRows.slice(0, 3).map((row) => (
                <div key={row.row} className="notice" data-tone="blocked">
                  <TriangleAlert size={16} aria-hidden />
                  <span>
                    Row {number(row.row)} (line {number(row.line)}): {rowProblemText(row.problem ?? 'TOO_FEW_CELLS')}.
                  </span>
                </div>
              ))}
              {source.notices.length === 0 && problemRows.length === 0 && (
                <p className="lead">Nothing unusual: UTF-8, comma, LF.</p>
              )}
            </div>
          </section>
        </div>
        <Suspense fallback={<Loader role="img" aria-label="Preparing the grid" />}>
          <DataGrid label={`Rows of ${source.fileName}`} nonce={nonce} columns={columns} fetchPage={fetchPage} />
        </Suspense>
      </div>
      <div className="actions">
        <span className="what">{org ? 'Nothing is sent to Salesforce yet.' : 'Connect an org to go on.'}</span>
        <Button
          disabled={!staged || !draft.mapping}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'mapping' } })}
        >
          Map {plural(source.columns.length, 'column')}
        </Button>
      </div>
    </>
  );
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${Math.min(100, Math.round((part / whole) * 100))} %`;
}
