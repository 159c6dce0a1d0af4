import { startTransition, useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { OrgSummary } from '../shared/domain/org.ts';
import { useBackend, useCall, useDesk } from './backend/backend-context.tsx';
import { useCommand } from './backend/commands.tsx';
import { IconPlates } from './components/icon-plates.tsx';
import { OrgMenu } from './components/org-menu.tsx';
import { HelpButton, PageButtons } from './components/page-buttons.tsx';
import { Rail } from './components/rail.tsx';
import { ReachNotice } from './components/reach-notice.tsx';
import { ThemeToggle } from './components/theme-toggle.tsx';
import { ShortcutHelp } from './keyboard/shortcut-help.tsx';
import { usePlaceFocus } from './keyboard/use-place-focus.ts';
import { useShortcuts } from './keyboard/use-shortcuts.ts';
import { useIsReadOnly } from './settings/use-is-read-only.ts';
import { useAppliedSettings } from './settings/use-settings.ts';
import { useSignInGate } from './sign-in/sign-in-context.tsx';
import { useSessionChecks } from './steps/connect/use-session-checks.ts';
import { Screen } from './steps/screen.tsx';
import { beside, NEW_DRAFT, type DraftAction } from './wizard/draft.ts';
import { GivenMapping } from './wizard/given-mapping.tsx';
import { headline, STEP_WORD, titleFile } from './wizard/headline.ts';
import { reduceDraft } from './wizard/reduce-draft.ts';
import { useFileDrop } from './wizard/use-file-drop.ts';
import { useLoadParts } from './wizard/use-load-parts.ts';
import { useOpenings } from './wizard/use-openings.ts';

/** What brings another screen. */
const SCREENS: ReadonlySet<DraftAction['kind']> = new Set([
  'go',
  'source-opened',
  'load-opened',
  'load-again',
  'undo-opened',
]);

/** The window: the org above, the steps beside, the step itself. */
export function App({ nonce }: { readonly nonce: string }) {
  const backend = useBackend();
  const [draft, change] = useReducer(reduceDraft, NEW_DRAFT);
  const dispatch = useCallback((action: DraftAction) => {
    // A screen has hundreds of rows and columns: it is drawn beside whatever else is to be done.
    if (SCREENS.has(action.kind)) startTransition(() => change(action));
    else change(action);
  }, []);
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

  const openings = useOpenings(dispatch);
  const { given, handOver } = openings;
  const dragging = useFileDrop(handOver);
  const input = useRef<HTMLInputElement>(null);
  const desk = useDesk();
  const chooseFile = () => {
    if (desk) void openings.openSource(backend.call('source.choose', {}));
    else input.current?.click();
  };
  useCommand('choose-file', chooseFile);
  const [helping, setHelping] = useState(false);
  useShortcuts(chooseFile, () => setHelping(true));
  const { place } = draft;
  const step = place.kind === 'step' ? place.step : null;
  usePlaceFocus(step ?? place.kind);
  const { rows, load, describe } = parts;
  const shown = { fileName: parts.source?.fileName ?? null, rows, load, describe };
  const title = headline(draft, shown);
  const about = [step === null ? title : STEP_WORD[step], titleFile(draft, shown), org?.name];
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
      <Rail
        steps={parts.steps}
        current={step}
        go={(to) => dispatch({ kind: 'go', place: { kind: 'step', step: to } })}
      />
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
        {given && (
          <GivenMapping given={given} draft={draft} dispatch={dispatch} parts={parts} done={openings.forgetGiven} />
        )}
        <Screen
          draft={draft}
          dispatch={dispatch}
          parts={parts}
          org={org}
          openings={openings}
          chooseFile={chooseFile}
          nonce={nonce}
        />
      </main>
      <IconPlates />
      {helping && <ShortcutHelp close={() => setHelping(false)} />}
      {dragging && (
        <div className="overlay">Drop the file to open it. Several files with the same columns load as one.</div>
      )}
    </div>
  );
}
