import { useQueryClient } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { startTransition, useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { Failure } from '../shared/contract/failure.ts';
import type { SourceId } from '../shared/domain/ids.ts';
import type { PlanNote } from '../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../shared/domain/load-results.ts';
import type { OrgSummary } from '../shared/domain/org.ts';
import { failureOf, useBackend, useCall, useDesk } from './backend/backend-context.tsx';
import { fileOf } from './backend/base64-of.ts';
import { useCommand, useHostCommands } from './backend/commands.tsx';
import { CallFailed } from './backend/connection.ts';
import { planInput } from './wizard/plan-input.ts';
import { putSnapshot } from './backend/put-snapshot.ts';
import { FailurePanel } from './components/failure-panel.tsx';
import { OrgMenu } from './components/org-menu.tsx';
import { HelpButton, PageButtons } from './components/page-buttons.tsx';
import { RepeatedLoad } from './components/repeated-load.tsx';
import { ReachNotice } from './components/reach-notice.tsx';
import { ThemeToggle } from './components/theme-toggle.tsx';
import { useIsReadOnly } from './settings/use-is-read-only.ts';
import { useAppliedSettings } from './settings/use-settings.ts';
import { useSignInGate } from './sign-in/sign-in-context.tsx';
import { useSessionChecks } from './steps/connect/use-session-checks.ts';
import { ChecksStep } from './steps/checks/checks-step.tsx';
import { ConnectScreen } from './steps/connect-screen.tsx';
import type { MissingForLoad } from './steps/home/missing-notice.tsx';
import { HomeScreen } from './steps/home/home-screen.tsx';
import { LoadStep } from './steps/load-step.tsx';
import { MergeScreen } from './steps/merge/merge-screen.tsx';
import { MappingStep } from './steps/mapping/mapping-step.tsx';
import { PlanStep } from './steps/plan/plan-step.tsx';
import { OrgPage } from './steps/org-page.tsx';
import { ReportStep } from './steps/report-step.tsx';
import { SettingsScreen } from './steps/settings-screen.tsx';
import { forgetRows } from './steps/source/use-source-run.ts';
import { SourceStep } from './steps/source/source-step.tsx';
import { ShortcutHelp } from './keyboard/shortcut-help.tsx';
import { usePlaceFocus } from './keyboard/use-place-focus.ts';
import { useShortcuts } from './keyboard/use-shortcuts.ts';
import { beside, NEW_DRAFT, reduceDraft, STEPS, type DraftAction, type Step } from './wizard/draft.ts';
import { headline, isOfLoad, titleFile } from './wizard/headline.ts';
import { GivenMapping, partMappings, type Given } from './wizard/given-mapping.tsx';
import { useLoadParts } from './wizard/use-load-parts.ts';
import { useFileDrop } from './wizard/use-file-drop.ts';

const WORDS: Record<Step, string> = {
  source: 'Source',
  mapping: 'Mapping',
  checks: 'Checks',
  plan: 'Plan',
  load: 'Load',
  report: 'Report',
};

/** What brings another screen. */
const SCREENS: ReadonlySet<DraftAction['kind']> = new Set(['go', 'source-opened', 'load-opened', 'load-again']);

/** The window: the org above, the steps beside, the step itself. */
export function App({ nonce }: { readonly nonce: string }) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [draft, change] = useReducer(reduceDraft, NEW_DRAFT);
  const dispatch = useCallback((action: DraftAction) => {
    // A screen has hundreds of rows and columns: it is drawn beside whatever else is to be done.
    if (SCREENS.has(action.kind)) startTransition(() => change(action));
    else change(action);
  }, []);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [missing, setMissing] = useState<MissingForLoad | null>(null);
  const orgs = useCall('orgs.list', {});
  // Kept as it is now, so that home has its list at once.
  useCall('source.recent', {});
  const org = orgs.data?.find(({ orgId }) => orgId === draft.orgId) ?? null;
  const parts = useLoadParts(draft, dispatch);
  const isReadOnly = useIsReadOnly(org);
  useAppliedSettings();
  const gate = useSignInGate();
  useSessionChecks(useMemo(() => (org ? [org] : []), [org]));
  const chooseOrg = async (chosen: OrgSummary): Promise<void> => {
    if (chosen.session === 'expired' && (await gate?.ask(chosen)) !== true) return;
    dispatch({ kind: 'org-chosen', orgId: chosen.orgId });
  };

  // With one org to choose from there is no choice to make.
  useEffect(() => {
    const [first] = orgs.data ?? [];
    if (draft.orgId === null && first) dispatch({ kind: 'org-chosen', orgId: first.orgId });
    if (draft.orgId !== null && orgs.data && !org) dispatch({ kind: 'org-chosen', orgId: first?.orgId ?? null });
  }, [orgs.data, org, draft.orgId, dispatch]);

  const openSource = useCallback(
    async (
      ready: Promise<SourceId | null>,
      repeats: LoadSnapshot | null = missing?.what === 'file' ? missing.load : null,
    ) => {
      setFailure(null);
      try {
        const sourceId = await ready;
        if (sourceId === null) return;
        const opened = await putSnapshot(cache, ['source.get', { sourceId }], () =>
          backend.call('source.open', { sourceId, choice: null }),
        );
        void cache.invalidateQueries({ queryKey: ['source.recent'] });
        // Read anew, its rows may be others than those that were checked.
        if (opened.state.kind === 'staging') await forgetRows(cache);
        setMissing(null);
        dispatch(repeats ? { kind: 'load-again', load: repeats, sourceId } : { kind: 'source-opened', sourceId });
      } catch (error) {
        dispatch({ kind: 'go', place: { kind: 'home' } });
        setFailure(failureOf(error));
      }
    },
    [backend, cache, missing, dispatch],
  );
  const [given, setGiven] = useState<Given | null>(null);
  const forget = useCallback(() => setGiven(null), []);
  const runAgain = async (load: LoadSnapshot): Promise<void> => {
    setFailure(null);
    setMissing(null);
    const of = orgs.data?.find(({ orgId }) => orgId === load.orgId);
    if (!of) return setMissing({ what: 'org', load });
    if (of.session === 'expired' && (await gate?.ask(of)) !== true) return;
    await openAgain(load);
  };
  const openAgain = async (load: LoadSnapshot): Promise<void> => {
    try {
      const { sourceId } = await backend.call('load.source', { loadId: load.loadId });
      if (sourceId === null) setMissing({ what: 'file', load });
      else await openSource(Promise.resolve(sourceId), load);
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const openPlan = async ({ planId, orgId, sourceId }: PlanNote): Promise<void> => {
    setFailure(null);
    const of = orgs.data?.find((one) => one.orgId === orgId);
    if (of?.session === 'expired' && (await gate?.ask(of)) !== true) return;
    try {
      await putSnapshot(cache, ['source.get', { sourceId }], () =>
        backend.call('source.open', { sourceId, choice: null }),
      );
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
  const dragging = useFileDrop(handOver);
  const input = useRef<HTMLInputElement>(null);
  const desk = useDesk();
  const chooseFile = () => {
    if (desk) void openSource(backend.call('source.choose', {}));
    else input.current?.click();
  };
  useCommand('choose-file', chooseFile);
  const [helping, setHelping] = useState(false);
  useShortcuts(chooseFile, () => setHelping(true));
  useHostCommands((command) => {
    if (command.kind === 'open-load') dispatch({ kind: 'load-opened', loadId: command.loadId, step: 'load' });
    else if (command.kind === 'open-mapping') setGiven(fileOf(command.fileName, command.content));
    else if (command.kind === 'open-source') void openSource(Promise.resolve(command.sourceId));
    else if (command.failure.code === 'MAPPING_FILES_SEVERAL') setGiven(command.failure);
    else void openSource(Promise.reject(new CallFailed(command.failure)));
  });
  const { place } = draft;
  const step = place.kind === 'step' ? place.step : null;
  usePlaceFocus(step ?? place.kind);
  const { rows, load } = parts;
  const shown = { fileName: parts.source?.fileName ?? null, rows, load };
  const title = headline(draft, shown);
  const about = [step === null ? title : WORDS[step], titleFile(draft, shown), org?.name];
  useEffect(() => {
    document.title = [...about.filter((part) => Boolean(part)), 'Longshore'].join(' · ');
  });

  return (
    <div className="window" data-org={org?.kind ?? 'none'}>
      <div className="frame" aria-hidden />
      <a className="skip" href="#main">
        Skip to the step
      </a>
      <header className="bar" data-region>
        <button
          type="button"
          className="brand"
          onClick={() => dispatch({ kind: 'go', place: { kind: 'home' } })}
          aria-label="Longshore home"
        >
          <img src="./icon.svg" alt="" /> Longshore
        </button>
        <h1>{title}</h1>
        <OrgMenu
          org={org}
          readOnly={isReadOnly}
          orgs={orgs.data ?? []}
          choose={(chosen) => void chooseOrg(chosen)}
          connect={() => dispatch({ kind: 'go', place: { kind: 'connect', then: beside(place) } })}
        />
        <PageButtons org={org} open={(kind) => dispatch({ kind: 'go', place: { kind, then: beside(place) } })} />
        <ThemeToggle />
        <HelpButton open={() => setHelping(true)} />
      </header>
      <ReachNotice />
      <nav className="rail" aria-label="Steps of this load" data-region>
        <ol>
          {STEPS.map((name, index) => {
            const { reachable, done, count } = parts.steps[name];
            return (
              <li key={name}>
                <button
                  type="button"
                  disabled={!reachable}
                  aria-current={step === name ? 'step' : undefined}
                  onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: name } })}
                >
                  <span className="dot" data-state={step === name ? 'now' : done ? 'done' : 'later'} aria-hidden>
                    {done && step !== name ? <Check size={14} strokeWidth={3} /> : index + 1}
                  </span>
                  <span>
                    {WORDS[name]}
                    <span className="count">{count}</span>
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
      </nav>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="File to load"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (files.length > 0) handOver(files);
        }}
      />
      <main className="main" id="main" tabIndex={-1} data-region>
        {given && <GivenMapping given={given} draft={draft} dispatch={dispatch} parts={parts} done={forget} />}
        {place.kind === 'home' && (
          <HomeScreen
            failure={failure}
            chooseFile={chooseFile}
            openSource={openSource}
            openRecent={(sourceId) => void openSource(Promise.resolve(sourceId), null)}
            orgs={orgs.data ?? []}
            connect={(start) =>
              dispatch({ kind: 'go', place: { kind: 'connect', then: { kind: 'home' }, ...(start ? { start } : {}) } })
            }
            merge={org ? () => dispatch({ kind: 'go', place: { kind: 'merge' } }) : null}
            missing={missing}
            dismissMissing={() => setMissing(null)}
            runAgain={(load) => void runAgain(load)}
            openPlan={(plan) => void openPlan(plan)}
            openLoad={(loadId, to) => dispatch({ kind: 'load-opened', loadId, step: to })}
          />
        )}
        {place.kind === 'connect' && (
          <ConnectScreen
            orgs={orgs.data ?? []}
            chosen={draft.orgId}
            start={place.start ?? null}
            done={(orgId) => {
              if (orgId) dispatch({ kind: 'org-chosen', orgId });
              dispatch({ kind: 'connect-ended' });
              if (missing?.what === 'org' && missing.load.orgId === orgId) void openAgain(missing.load);
            }}
          />
        )}
        {place.kind === 'org' && org && <OrgPage org={org} back={() => dispatch({ kind: 'go', place: place.then })} />}
        {place.kind === 'merge' && org && (
          <MergeScreen
            key={org.orgId}
            org={org}
            sourceId={draft.sourceId}
            first={place.mergeId ?? null}
            back={() => dispatch({ kind: 'go', place: place.from ?? { kind: 'home' } })}
          />
        )}
        {place.kind === 'settings' && <SettingsScreen back={() => dispatch({ kind: 'go', place: place.then })} />}
        {step !== null && orgs.error && <FailurePanel failure={failureOf(orgs.error)} />}
        {step !== null && draft.again && !isOfLoad(draft) && <RepeatedLoad again={draft.again} source={parts.source} />}
        {step === 'source' && <SourceStep draft={draft} dispatch={dispatch} parts={parts} org={org} nonce={nonce} />}
        {step === 'mapping' && <MappingStep draft={draft} dispatch={dispatch} parts={parts} />}
        {step === 'checks' && <ChecksStep draft={draft} dispatch={dispatch} parts={parts} org={org} nonce={nonce} />}
        {step === 'plan' && <PlanStep draft={draft} dispatch={dispatch} parts={parts} org={org} nonce={nonce} />}
        {step === 'load' && <LoadStep draft={draft} dispatch={dispatch} />}
        {step === 'report' && <ReportStep draft={draft} dispatch={dispatch} nonce={nonce} chooseFile={chooseFile} />}
      </main>
      {helping && <ShortcutHelp close={() => setHelping(false)} />}
      {dragging && (
        <div className="overlay">Drop the file to open it. Several files with the same columns load as one.</div>
      )}
    </div>
  );
}
