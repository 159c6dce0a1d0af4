import type { Dispatch } from 'react';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { failureOf, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { RepeatedLoad } from '../components/repeated-load.tsx';
import type { Draft, DraftAction, Place } from '../wizard/draft.ts';
import { isOfLoad } from '../wizard/headline.ts';
import type { LoadParts } from '../wizard/use-load-parts.ts';
import type { Openings } from '../wizard/use-openings.ts';
import { ChecksStep } from './checks/checks-step.tsx';
import { ConnectScreen } from './connect-screen.tsx';
import { ExportScreen } from './export/export-screen.tsx';
import { HistoryScreen } from './history/history-screen.tsx';
import { HomeScreen } from './home/home-screen.tsx';
import { JobsScreen } from './jobs/jobs-screen.tsx';
import { LoadStep } from './load-step.tsx';
import { MappingStep } from './mapping/mapping-step.tsx';
import { MergeScreen } from './merge/merge-screen.tsx';
import { OrgPage } from './org-page.tsx';
import { PlanStep } from './plan/plan-step.tsx';
import { ReportStep } from './report-step.tsx';
import { SettingsScreen } from './settings-screen.tsx';
import { SourceStep } from './source/source-step.tsx';

interface Props {
  readonly draft: Draft;
  readonly dispatch: Dispatch<DraftAction>;
  readonly parts: LoadParts;
  readonly org: OrgSummary | null;
  readonly openings: Openings;
  readonly chooseFile: () => void;
  readonly nonce: string;
}

/** What is in the middle of the window: a step of the load, or one of the places beside it. */
export function Screen({ draft, dispatch, parts, org, openings, chooseFile, nonce }: Props) {
  const orgs = useCall('orgs.list', {});
  const known = orgs.data ?? [];
  const { place } = draft;
  const go = (to: Place) => dispatch({ kind: 'go', place: to });
  switch (place.kind) {
    case 'home':
      return (
        <HomeScreen
          failure={openings.failure}
          chooseFile={chooseFile}
          openSource={openings.openSource}
          openRecent={(sourceId) => void openings.openSource(Promise.resolve(sourceId), null)}
          orgs={known}
          connect={(start) => go({ kind: 'connect', then: { kind: 'home' }, ...(start ? { start } : {}) })}
          merge={org ? () => go({ kind: 'merge' }) : null}
          missing={openings.missing}
          dismissMissing={openings.forgetMissing}
          runAgain={(load) => void openings.runAgain(load)}
          openPlan={(plan) => void openings.openPlan(plan)}
          exportRecords={org ? () => go({ kind: 'export', then: { kind: 'home' } }) : null}
          openHistory={() => go({ kind: 'history', then: { kind: 'home' } })}
          openLoad={(loadId, to) => dispatch({ kind: 'load-opened', loadId, step: to })}
        />
      );
    case 'connect':
      return (
        <ConnectScreen
          orgs={known}
          chosen={draft.orgId}
          start={place.start ?? null}
          done={(orgId) => {
            if (orgId) dispatch({ kind: 'org-chosen', orgId });
            dispatch({ kind: 'connect-ended' });
            const { missing } = openings;
            if (missing?.what !== 'org' || missing.load.orgId !== orgId) return;
            if (missing.forOtherFile) void openings.loadOtherFile(missing.load, true);
            else void openings.openAgain(missing.load);
          }}
        />
      );
    case 'org':
      return org && <OrgPage org={org} back={() => go(place.then)} />;
    case 'merge':
      return (
        org && (
          <MergeScreen
            key={org.orgId}
            org={org}
            sourceId={draft.sourceId}
            first={place.mergeId ?? null}
            back={() => go(place.from ?? { kind: 'home' })}
          />
        )
      );
    case 'history':
      return (
        <HistoryScreen
          back={() => go(place.then)}
          openLoad={(loadId, to) => dispatch({ kind: 'load-opened', loadId, step: to })}
          runAgain={(load) => {
            go({ kind: 'home' });
            void openings.runAgain(load);
          }}
          loadOtherFile={(load) => {
            go({ kind: 'home' });
            void openings.loadOtherFile(load);
          }}
        />
      );
    case 'jobs':
      return (
        <JobsScreen
          orgs={known}
          back={() => go(place.then)}
          openLoad={(loadId, to) => dispatch({ kind: 'load-opened', loadId, step: to })}
          openPlan={openings.openPlan}
        />
      );
    case 'export':
      return org && <ExportScreen key={org.orgId} org={org} back={() => go(place.then)} />;
    case 'settings':
      return <SettingsScreen back={() => go(place.then)} />;
    case 'step': {
      const given = { draft, dispatch, parts, org, nonce };
      return (
        <>
          {orgs.error && <FailurePanel failure={failureOf(orgs.error)} />}
          {draft.again && !isOfLoad(draft) && <RepeatedLoad again={draft.again} source={parts.source} />}
          {place.step === 'source' && <SourceStep {...given} />}
          {place.step === 'mapping' && <MappingStep draft={draft} dispatch={dispatch} parts={parts} />}
          {place.step === 'checks' && <ChecksStep {...given} />}
          {place.step === 'plan' && <PlanStep {...given} />}
          {place.step === 'load' && <LoadStep draft={draft} dispatch={dispatch} />}
          {place.step === 'report' && (
            <ReportStep draft={draft} dispatch={dispatch} nonce={nonce} chooseFile={chooseFile} />
          )}
        </>
      );
    }
  }
}
