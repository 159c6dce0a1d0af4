import { Button } from '@mantine/core';
import type { CellValueChangedEvent, ColDef } from 'ag-grid-community';
import { useCallback, useMemo } from 'react';
import type { ProblemRow } from '../../../shared/domain/field-issue.ts';
import { columnLabel, number } from '../../../shared/text/counts.ts';
import { issueText } from '../../../shared/text/issue-text.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import { LateGrid } from '../../components/late-grid.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { SHAPELESS } from '../source/shapeless.ts';
import { useSourceChanges } from '../source/use-source-changes.ts';
import type { Problem } from './problems.ts';

interface Props extends Pick<StepProps, 'draft' | 'dispatch' | 'parts' | 'nonce'> {
  /** The only problem whose rows are shown; null for all. */
  readonly problem: Problem | null;
}

/** Only the rows that are not sent, with every reason; a cell that is typed over is checked at once. */
export function ProblemGrid({ draft, dispatch, parts, nonce, problem }: Props) {
  const backend = useBackend();
  const { orgId, sourceId, mapping } = draft;
  const { source, checks, known } = parts;
  const planId = known?.planId ?? null;
  const changes = useSourceChanges(sourceId, source, draft, dispatch);
  const { edit, failure } = changes;
  const { column, code } = problem ?? { column: null, code: null };
  const checkedAt = checks.dataUpdatedAt;
  const fetchPage = useCallback(
    async (offset: number, limit: number) => {
      const which = { problem: code === null ? null : { column, code }, offset, limit };
      if (planId !== null) return backend.call('plan.problemRows', { planId, ...which });
      return orgId && sourceId && mapping
        ? backend.call('checks.problemRows', { orgId, sourceId, mapping, ...which })
        : { rows: [], total: 0 };
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- checked anew, other rows are not sent
    [backend, orgId, sourceId, mapping, column, code, checkedAt, planId],
  );
  const onEdit = useCallback(
    ({ data, colDef, oldValue, newValue }: CellValueChangedEvent<ProblemRow>) => {
      const at = Number(colDef.colId?.slice(1));
      const value = typeof newValue === 'string' ? newValue : '';
      if (oldValue === value) return;
      const before = data.edited.includes(at) ? String(oldValue) : null;
      void edit([{ row: data.row, column: at, value }], [{ row: data.row, column: at, value: before }]);
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a new function with every render; the grid must not reload for it
    [sourceId],
  );
  const names = source?.columns;
  const columns = useMemo<ColDef<ProblemRow>[]>(
    () => [
      {
        headerName: 'Row',
        pinned: 'left',
        width: 80,
        cellClass: 'value',
        valueGetter: ({ data }) => (data ? number(data.row) : '…'),
      },
      {
        headerName: 'Why',
        width: 420,
        valueGetter: ({ data }) => data?.issues.map((issue) => issueText(issue)).join(' ') ?? '',
      },
      ...(names ?? []).map(({ index, name }): ColDef<ProblemRow> => ({
        colId: `c${index}`,
        headerName: columnLabel(name, index),
        width: 160,
        editable: ({ data }) => data !== undefined && !data.issues.some((issue) => SHAPELESS.has(issue.code)),
        valueGetter: ({ data }) => data?.cells[index] ?? '',
        valueSetter: ({ data, newValue }) => {
          data.cells[index] = String(newValue ?? '');
          return true;
        },
        cellClass: ({ data }) => [
          ...(data?.issues.some((issue) => issue.column === index) ? ['problem'] : []),
          ...(data?.edited.includes(index) ? ['edited'] : []),
        ],
      })),
    ],
    [names],
  );
  return (
    <>
      {failure && <FailurePanel failure={failure} />}
      <p className="lead">
        Type over a cell to fix it. The new value is checked at once, and your file doesn’t change.{' '}
        {draft.sourceUndo.length > 0 && (
          <Button size="compact-sm" variant="subtle" disabled={changes.busy} onClick={() => void changes.undo()}>
            Undo the last cell change
          </Button>
        )}
      </p>
      <LateGrid label="Rows with problems" nonce={nonce} columns={columns} fetchPage={fetchPage} onEdit={onEdit} />
    </>
  );
}
