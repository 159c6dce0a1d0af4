import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState, type Dispatch } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { OrgId, SourceId } from '../../shared/domain/ids.ts';
import type { PlanNote } from '../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { failureOf, useBackend } from '../backend/backend-context.tsx';
import { fileOf } from '../backend/base64-of.ts';
import { useHostCommands } from '../backend/commands.tsx';
import { CallFailed } from '../backend/connection.ts';
import { keepSource } from '../backend/keep-source.ts';
import { useSignInGate } from '../sign-in/sign-in-context.tsx';
import type { MissingForLoad } from '../steps/home/missing-notice.tsx';
import { openSource as openStored } from '../steps/source/open-source.ts';
import type { DraftAction } from './draft.ts';
import { partMappings, type Given } from './given-mapping.tsx';
import { planInput } from './plan-input.ts';

/** Whatever is opened in the window: files, mappings, loads of before with their files, plans that wait. */
export function useOpenings(dispatch: Dispatch<DraftAction>) {
  const backend = useBackend();
  const cache = useQueryClient();
  const gate = useSignInGate();
  /** Why the last of them could not be opened; told at home. */
  const [failure, setFailure] = useState<Failure | null>(null);
  const [missing, setMissing] = useState<MissingForLoad | null>(null);
  const [given, setGiven] = useState<Given | null>(null);

  const openSource = useCallback(
    async (
      ready: Promise<SourceId | null>,
      repeats: LoadSnapshot | null = missing && missing.what !== 'org' ? missing.load : null,
    ) => {
      setFailure(null);
      try {
        const sourceId = await ready;
        if (sourceId === null) return;
        await openStored(backend, cache, sourceId);
        setMissing(null);
        dispatch(repeats ? { kind: 'load-again', load: repeats, sourceId } : { kind: 'source-opened', sourceId });
      } catch (error) {
        dispatch({ kind: 'go', place: { kind: 'home' } });
        setFailure(failureOf(error));
      }
    },
    [backend, cache, missing, dispatch],
  );
  const openAgain = async (load: LoadSnapshot): Promise<void> => {
    try {
      const { sourceId } = await backend.call('load.source', { loadId: load.loadId });
      if (sourceId === null) setMissing({ what: 'file', load });
      else await openSource(Promise.resolve(sourceId), load);
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  /** An org as it is by now: what the window has of it may be older than a sign-out that was just made. */
  const orgNow = async (orgId: OrgId): Promise<OrgSummary | undefined> =>
    (await backend.call('orgs.list', {})).find((org) => org.orgId === orgId);
  const runAgain = async (load: LoadSnapshot): Promise<void> => {
    setFailure(null);
    setMissing(null);
    try {
      const of = await orgNow(load.orgId);
      if (!of) return setMissing({ what: 'org', load });
      if (of.session === 'expired' && (await gate?.ask(of)) !== true) return;
    } catch (error) {
      return setFailure(failureOf(error));
    }
    await openAgain(load);
  };
  /** A load's mapping and choices for a file that is still to be chosen. */
  const loadOtherFile = async (load: LoadSnapshot, isSignedIn?: true): Promise<void> => {
    setFailure(null);
    setMissing(null);
    try {
      const canLoad = isSignedIn ?? (await orgNow(load.orgId)) !== undefined;
      setMissing(canLoad ? { what: 'other-file', load } : { what: 'org', load, forOtherFile: true });
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const openPlan = async ({ planId, orgId, sourceId }: PlanNote): Promise<void> => {
    setFailure(null);
    try {
      const of = await orgNow(orgId);
      if (of?.session === 'expired' && (await gate?.ask(of)) !== true) return;
      keepSource(cache, await backend.call('source.open', { sourceId, choice: null }));
      const { plan, columns } = await backend.call('plan.reopen', { planId });
      cache.setQueryData(['plan.build', planInput(plan)], plan);
      dispatch({ kind: 'plan-opened', plan, names: columns });
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const handOver = useCallback(
    (files: readonly File[]) => {
      const take = async () => {
        const { given: came, sources } = await partMappings(files);
        if (came) setGiven(came);
        if (sources.length > 0) await openSource(backend.handOver(sources));
      };
      void take();
    },
    [backend, openSource],
  );
  useHostCommands((command) => {
    if (command.kind === 'open-load') dispatch({ kind: 'load-opened', loadId: command.loadId, step: 'load' });
    else if (command.kind === 'open-mapping') setGiven(fileOf(command.fileName, command.content));
    else if (command.kind === 'open-source') void openSource(Promise.resolve(command.sourceId));
    else if (command.failure.code === 'MAPPING_FILES_SEVERAL') setGiven(command.failure);
    else void openSource(Promise.reject(new CallFailed(command.failure)));
  });
  const forgetGiven = useCallback(() => setGiven(null), []);
  const forgetMissing = useCallback(() => setMissing(null), []);
  return {
    failure,
    missing,
    given,
    openSource,
    openAgain,
    runAgain,
    loadOtherFile,
    openPlan,
    handOver,
    forgetGiven,
    forgetMissing,
  };
}

export type Openings = ReturnType<typeof useOpenings>;
