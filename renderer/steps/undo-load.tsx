import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useState, type Dispatch } from 'react';
import type { LoadId } from '../../shared/domain/ids.ts';
import type { UndoWhat } from '../../shared/domain/undo.ts';
import {
  notUndoneText,
  RECREATE_CAVEAT,
  UNDELETE_CAVEAT,
  UNDO_CAVEAT,
  undoStepText,
} from '../../shared/text/undo-text.ts';
import { failureOf, useBackend, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { SummaryLine } from '../components/summary-line.tsx';
import type { DraftAction } from '../wizard/draft.ts';
import { openSource } from './source/open-source.ts';

interface Props {
  readonly loadId: LoadId;
  readonly dispatch: Dispatch<DraftAction>;
}

/** The way to take a load back: each step is planned like any other load, and nothing is sent before that plan is loaded. */
export function UndoLoad({ loadId, dispatch }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <SummaryLine
      label="Undo"
      summary={
        <>
          <Undo2 size={16} aria-hidden /> <span>Undo this load</span>
        </>
      }
      opens="Show how"
      open={isOpen}
      toggle={() => setOpen(!isOpen)}
    >
      <UndoSteps loadId={loadId} dispatch={dispatch} />
    </SummaryLine>
  );
}

function UndoSteps({ loadId, dispatch }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const offer = useCall('undo.offer', { loadId });
  const prepare = useMutation({
    mutationFn: async (what: UndoWhat) => {
      const prepared = await backend.call('undo.prepare', { loadId, what });
      const { sourceId, choice } = prepared;
      await openSource(backend, cache, sourceId, choice);
      return prepared;
    },
    onSuccess: (prepared) => dispatch({ kind: 'undo-opened', ...prepared }),
  });
  if (offer.error) return <FailurePanel failure={failureOf(offer.error)} again={() => void offer.refetch()} />;
  if (!offer.data) return <p className="lead">Counting what can be undone…</p>;
  const { steps, notUndone, operation } = offer.data;
  return (
    <>
      <p className="lead">
        {steps.length === 0
          ? 'There is nothing to undo: as far as is known, this load changed and created no records.'
          : `${steps.length > 1 ? 'It takes two loads: come back to this report for the second one. ' : ''}You see each plan before anything is sent. ${UNDO_CAVEAT}`}
      </p>
      {notUndone.map((one) => (
        <p key={one.why} className="lead">
          {notUndoneText(one)}
        </p>
      ))}
      {steps.some(({ what }) => what === 'undelete') && <p className="lead">{UNDELETE_CAVEAT}</p>}
      {steps.some(({ what }) => what === 'recreate') && <p className="lead">{RECREATE_CAVEAT}</p>}
      {prepare.error && <FailurePanel failure={failureOf(prepare.error)} />}
      <ol className="undo-steps">
        {steps.map(({ what, rows }) => (
          <li key={what}>
            <span>{undoStepText(what, rows, operation)}</span>
            <Button
              size="compact-sm"
              variant="default"
              loading={prepare.isPending && prepare.variables === what}
              disabled={prepare.isPending}
              onClick={() => prepare.mutate(what)}
              aria-label={`Plan: ${undoStepText(what, rows, operation)}`}
            >
              Plan
            </Button>
          </li>
        ))}
      </ol>
    </>
  );
}
