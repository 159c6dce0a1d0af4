import { Button, Group } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { LoadId, SourceId } from '../../../shared/domain/ids.ts';
import type { PlanNote } from '../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { OrgsPanel } from './orgs-panel.tsx';
import { MissingNotice, type MissingForLoad } from './missing-notice.tsx';
import { RecentFiles } from './recent-files.tsx';
import { RecentLoads } from './recent-loads.tsx';
import { WaitingLoads } from './waiting-loads.tsx';
import { WaitingPlans } from './waiting-plans.tsx';
import { useRowPaste } from '../../wizard/use-row-paste.ts';

interface Props {
  readonly failure: Failure | null;
  readonly orgs: readonly OrgSummary[];
  readonly chooseFile: () => void;
  readonly openSource: (ready: Promise<SourceId | null>) => Promise<void>;
  /** Opens a file for its own sake, also while one is asked for. */
  readonly openRecent: (sourceId: SourceId) => void;
  readonly connect: (start?: 'practice') => void;
  /** Goes to the merging of duplicates in the org that is chosen; null without one. */
  readonly merge: (() => void) | null;
  /** What the load lacks that was to be run again. */
  readonly missing: MissingForLoad | null;
  readonly dismissMissing: () => void;
  readonly runAgain: (load: LoadSnapshot) => void;
  readonly openPlan: (plan: PlanNote) => void;
  /** Goes to exporting records out of the org that is chosen; null without one. */
  readonly exportRecords: (() => void) | null;
  readonly openHistory: () => void;
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
}

/** The drop zone, what was opened and loaded before, and anything that wants resuming. */
export function HomeScreen(props: Props) {
  const { failure, orgs, chooseFile, openSource, connect, missing, openLoad } = props;
  const backend = useBackend();
  const recent = useCall('source.recent', {});
  const loads = useCall('load.list', {});
  const damaged = useCall('load.damaged', {});
  // Whoever has opened a file before knows where to drop one.
  const isKnown = (recent.data?.length ?? 0) > 0 || (loads.data?.length ?? 0) > 0;
  const paused = loads.data?.filter(({ state }) => state.kind === 'paused') ?? [];
  const others = loads.data?.filter(({ state }) => state.kind !== 'paused') ?? [];
  useLoadsOfOthers(others.some(({ state }) => state.kind !== 'finished'));
  const paste = useCallback(
    (text: string) => void openSource(backend.call('source.paste', { text })),
    [backend, openSource],
  );
  useRowPaste(paste);

  return (
    <div className="home">
      {failure && <FailurePanel failure={failure} />}
      {missing && (missing.what !== 'org' || !orgs.some(({ orgId }) => orgId === missing.load.orgId)) && (
        <MissingNotice
          missing={missing}
          chooseFile={chooseFile}
          connect={() => connect()}
          dismiss={props.dismissMissing}
        />
      )}
      <WaitingLoads loads={paused} damaged={damaged.data ?? []} open={(loadId) => openLoad(loadId, 'load')} />
      <DropZone isKnown={isKnown} chooseFile={chooseFile} exportRecords={props.exportRecords} />
      {!isKnown && <OrgsPanel orgs={orgs} connect={connect} merge={props.merge} />}
      <WaitingPlans orgs={orgs} open={props.openPlan} />
      {others.length > 0 && (
        <RecentLoads loads={others} openLoad={openLoad} runAgain={props.runAgain} openHistory={props.openHistory} />
      )}
      {(recent.data?.length ?? 0) > 0 && <RecentFiles files={recent.data ?? []} open={props.openRecent} />}
      {isKnown && <OrgsPanel orgs={orgs} connect={connect} merge={props.merge} />}
    </div>
  );
}

interface DropProps {
  readonly isKnown: boolean;
  readonly chooseFile: () => void;
  readonly exportRecords: (() => void) | null;
}

/** Where files are dropped: large for whoever has opened none so far, one line for the others. */
function DropZone({ isKnown, chooseFile, exportRecords }: DropProps) {
  return (
    <div className="drop" data-small={isKnown}>
      <FileUp size={isKnown ? 24 : 44} aria-hidden />
      <div>
        <strong>Drop a CSV anywhere in this window</strong>
        {isKnown ? (
          <p>Workbooks, JSON, zipped files, and rows pasted from a spreadsheet work, too.</p>
        ) : (
          <>
            <p>
              You can also drop a workbook, JSON, a zipped file, or several files with the same columns, or paste rows
              from a spreadsheet.
            </p>
            <p>Nothing is sent to Salesforce until you have seen what would change.</p>
          </>
        )}
      </div>
      <Group gap="sm" wrap="nowrap">
        <Button data-primary size={isKnown ? 'sm' : 'md'} onClick={chooseFile}>
          Choose a file
        </Button>
        {exportRecords && (
          <Button variant="default" size={isKnown ? 'sm' : 'md'} onClick={exportRecords}>
            Export records
          </Button>
        )}
      </Group>
    </div>
  );
}

/** Between two looks at loads that run, in milliseconds. */
const LOOK_EVERY = 3000;

/** Loads of this process tell of themselves; those that another window or the command line runs are looked at. */
function useLoadsOfOthers(runs: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => void cache.invalidateQueries({ queryKey: ['load.list'] }), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [runs, cache]);
}
