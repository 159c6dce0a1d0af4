import type { Answer } from '../../shared/contract/failure.ts';
import type { BackendEvent } from '../../shared/contract/events.ts';
import type { AlertChannel } from '../../shared/domain/alert.ts';
import type { LoadId, SourceId } from '../../shared/domain/ids.ts';
import type { Job, JobList } from '../../shared/domain/job.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';
import { hasEnded } from '../../shared/domain/run.ts';
import { alertProcedures } from './alerts/alert-procedures.ts';
import { Alerts } from './alerts/alerts.ts';
import { Channels, type NewChannel } from './alerts/channels.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import { enrichProcedures } from './enrich/enrich-procedures.ts';
import { historyProcedures } from './history/history-procedures.ts';
import { importJob, type JobToImport } from './jobs/import-job.ts';
import { jobProcedures } from './jobs/job-procedures.ts';
import { SavedJobs } from './jobs/saved-jobs.ts';
import { loadProcedures } from './load/load-procedures.ts';
import { LoadRegistry } from './load/load-registry.ts';
import { lookupProcedures } from './lookups/lookup-procedures.ts';
import { mappingProcedures } from './mapping/mapping-procedures.ts';
import { SavedMappings } from './mapping/saved-mappings.ts';
import { mergeProcedures } from './merge/merge-procedures.ts';
import { MergeRegistry } from './merge/merge-registry.ts';
import { sweepMerges } from './merge/sweep-merges.ts';
import { prepareProcedures } from './prepare/prepare-procedures.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { OrgDirectory } from './orgs/org-directory.ts';
import { orgProcedures } from './orgs/org-procedures.ts';
import type { SignInSecret } from './orgs/sign-ins.ts';
import { KeptFetches } from './plan/fetch/kept-fetches.ts';
import { planProcedures } from './plan/plan-procedures.ts';
import { PlanRegistry } from './plan/plan-registry.ts';
import { orgPageProcedures } from './orgs/org-page-procedures.ts';
import { ReadOnlyOrgs } from './orgs/read-only-orgs.ts';
import type { BackendPorts } from './ports.ts';
import { queryProcedures } from './query/query-procedures.ts';
import { duplicateRuleProcedures } from './duplicate-rules/duplicate-rule-procedures.ts';
import { resemblingProcedures } from './resembling/resembling-procedures.ts';
import { rehearsalProcedures } from './rehearsal/rehearsal-procedures.ts';
import { reportProcedures } from './report/report-procedures.ts';
import { Preferences } from './settings/preferences.ts';
import { runProcedures } from './runs/run-procedures.ts';
import { RunRegistry } from './runs/run-registry.ts';
import { retain } from './load/retain.ts';
import { scheduleProcedures } from './schedules/schedule-procedures.ts';
import { Scheduler } from './schedules/scheduler.ts';
import { Schedules, type Begun } from './schedules/schedules.ts';
import { whenLoadStops } from './schedules/when-load-stops.ts';
import { settingsProcedures } from './settings/settings-procedures.ts';
import { sourceProcedures } from './source/source-procedures.ts';
import { SourceRegistry, type OwnedCopy } from './source/source-registry.ts';
import { StagedSources } from './source/staged-sources.ts';
import { StagingClient } from './staging/staging-client.ts';
import { SyncEngine } from './sync/sync-engine.ts';
import { checkProcedures } from './validation/check-procedures.ts';
import { ValueChecker } from './validation/check-values.ts';
import { undoProcedures } from './undo/undo-procedures.ts';

export interface Backend {
  /** One request of any transport. Never rejects. */
  call(procedure: string, input: unknown, signal: AbortSignal): Promise<Answer<unknown>>;
  subscribe(listener: (event: BackendEvent) => void): () => void;
  /** Files from a drop or an upload, by path; only a host may call this. A copy of ours is deleted with the source. */
  handOver(paths: readonly string[], copy?: OwnedCopy): Promise<SourceId>;
  /** One more file of a source that is not open yet. */
  addFile(sourceId: SourceId, path: string, copy: OwnedCopy): Promise<void>;
  /** Signs in without a browser. Only a host may call this: secrets do not cross the contract. Throws what `SignIns.withSecret` does. */
  signInWith(secret: SignInSecret, signal: AbortSignal): Promise<OrgSummary>;
  /** Saves what a job's file says. Only a host may call this: the file names places on disk. Throws what `importJob` does. */
  importJob(job: JobToImport, signal: AbortSignal): Promise<Job>;
  /** Saved jobs with the places of their files. Only a host may call this: paths do not cross the contract. */
  listJobs(): Promise<JobList>;
  /** Saves where alerts go. Only a host may call this: secrets do not cross the contract. Throws `CHANNEL_REFUSED`. */
  saveChannel(channel: NewChannel, signal: AbortSignal): Promise<AlertChannel>;
  /** Has jobs run by themselves in this process from now on. Only a host that stays open calls this. */
  startSchedules(): void;
  /** Runs the jobs that are due by now, to their ends. Only a host may call this: paths do not cross the contract. */
  runDue(signal: AbortSignal): Promise<Begun[]>;
  close(): Promise<void>;
}

/** Milliseconds that running loads have to let go of their files when Longshore ends. */
const LETTING_GO = 2000;

/** The product. Reads like a table of contents: what there is, and which folder answers which procedures. */
export function createBackend(ports: BackendPorts): Backend {
  const listeners = new Set<(event: BackendEvent) => void>();
  const emit = (event: BackendEvent) => {
    for (const listener of listeners) listener(event);
  };
  const work = (progress: Extract<BackendEvent, { topic: 'work' }>['work']) => emit({ topic: 'work', work: progress });

  const { clock } = ports;
  const turns = new OneAtATime();
  const staging = new StagingClient(ports);
  const orgs = new OrgDirectory(ports, (list) => emit({ topic: 'orgs', orgs: list }));
  const readOnly = new ReadOnlyOrgs(ports.paths);
  const preferences = new Preferences(ports);
  const swept = retain(ports, preferences, [(days) => sweepMerges(ports, days)]);
  const sources = new SourceRegistry(ports, staging, (source) => emit({ topic: 'source', source }));
  const staged = new StagedSources(sources, staging);
  const mappings = new SavedMappings(ports.settings);
  const checker = new ValueChecker(staging);
  const resultFiles = () => preferences.current.resultFiles;
  const fetches = new KeptFetches(ports);
  void fetches.sweep();
  const loads = new LoadRegistry(ports, staging, orgs, (load) => {
    // Its records are others now than any plan was made of.
    void fetches.forget(load.orgId);
    runs.loadChanged(load);
    emit({ topic: 'load', load });
  });
  const merges = new MergeRegistry({ ports, orgs, work, changed: (orgId) => void fetches.forget(orgId) });
  const isUsed = loads.hasUsed.bind(loads);
  const plans = new PlanRegistry({ ports, staging, orgs, checker, fetches, preferences, work, isUsed });
  sources.whenRowsGo(async (sourceId, closed) => {
    staged.forget(sourceId);
    checker.forget(sourceId);
    if (closed) await plans.forgetUnused(sourceId);
  });

  const jobs = new SavedJobs(ports);
  const runs = new RunRegistry({
    ports,
    jobs,
    orgs,
    sources,
    plans,
    changed: (run) => {
      emit({ topic: 'run', run });
      schedules.runChanged(run);
      alerts.runChanged(run);
      // A job may come after it.
      if (hasEnded(run)) scheduler.wake();
    },
    preferences,
    sync: new SyncEngine({ ports, staging, orgs, staged, sources, plans, loads }),
    get procedures() {
      return handlers;
    },
  });
  const schedules = new Schedules({
    ports,
    jobs,
    runs,
    sources,
    whenLoadStops: whenLoadStops(listeners, (loadId, signal) => handlers['load.get']({ loadId }, signal)),
    failed: (job, failure) => alerts.failed(job, failure),
    get procedures() {
      return handlers;
    },
  });
  const channels = new Channels(ports);
  const failuresOf = async (loadId: LoadId) => {
    const { failures } = await handlers['load.get']({ loadId }, new AbortController().signal);
    return failures;
  };
  const alerts = new Alerts({ ports, jobs, runs, channels, failuresOf });
  const scheduler = new Scheduler({ ports, jobs, schedules, alerts });

  const handlers: Handlers = {
    'app.info': () => Promise.resolve({ ...ports.info(), notices: [...ports.notices()] }),
    ...orgProcedures(orgs, { ports, signedOut: (orgId) => fetches.forgetOrg(orgId) }),
    ...orgPageProcedures({ orgs, readOnly, changed: (orgIds) => emit({ topic: 'read-only', orgIds }) }),
    ...settingsProcedures({ preferences, ports, swept, changed: (view) => emit({ topic: 'settings', view }) }),
    ...sourceProcedures({ ports, sources, staged, turns }),
    ...mappingProcedures({ orgs, sources, staged, mappings, preferences, loads, ports }),
    ...lookupProcedures({ ports, orgs, staged, clock, staging, turns }),
    ...checkProcedures({ orgs, staged, clock, staging, checker, turns, work, ports, resultFiles }),
    ...prepareProcedures({
      sources,
      get procedures() {
        return handlers;
      },
    }),
    ...planProcedures({ ports, orgs, staged, clock, staging, plans, sources, mappings, turns, work, resultFiles }),
    ...duplicateRuleProcedures({ ports, plans, orgs, preferences, staging, work }),
    ...resemblingProcedures({ ports, plans, orgs, preferences, staging, turns, work }),
    ...rehearsalProcedures({ ports, plans, orgs, readOnly, preferences, staging, work }),
    ...loadProcedures({ loads, plans, orgs, preferences, sources, swept, fetches }),
    ...undoProcedures({ ports, loads, orgs, sources, staging }),
    ...reportProcedures({ ports, staging, loads, sources, resultFiles }),
    ...historyProcedures({ ports, loads, sources, staging }),
    ...jobProcedures({
      ports,
      jobs,
      orgs,
      sources,
      loads,
      forgetRuns: async (jobId) => {
        await runs.forget(jobId);
        await schedules.forget(jobId);
        await alerts.forget(jobId);
      },
      reset: (...asked) => runs.reset(...asked),
      resumed: (job) => schedules.passOver(job),
    }),
    ...alertProcedures({ jobs, alerts, channels }),
    ...scheduleProcedures({ jobs, schedules, changed: () => scheduler.wake() }),
    ...runProcedures(runs),
    ...mergeProcedures({ merges, orgs, readOnly, preferences, staged, plans, staging, ports }),
    ...enrichProcedures({ ports, orgs, staged, staging, turns, work }),
    ...queryProcedures({ ports, orgs, staging, work }),
  };

  return {
    call: (procedure, input, signal) => dispatch(handlers, ports, procedure, input, signal),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    handOver: (paths, copy) => sources.handOver(paths, copy),
    addFile: (sourceId, path, copy) => sources.addFile(sourceId, path, copy),
    signInWith: (secret, signal) => orgs.signInWith(secret, signal),
    importJob: (job, signal) => importJob({ jobs, orgs }, job, signal),
    listJobs: () => jobs.list(),
    saveChannel: (channel, signal) => channels.save(channel, signal),
    startSchedules: () => scheduler.start(),
    runDue: (signal) => scheduler.runDue(signal),
    close: async () => {
      // Waits for what lets go of its load below.
      const scheduled = scheduler.close();
      sources.close();
      await swept;
      // A statement under way can't be waited for: its load stands where the journal says.
      const late = new AbortController();
      await Promise.race([
        Promise.all([loads.close(), merges.close()]),
        clock.sleep(LETTING_GO, late.signal).catch(() => undefined),
      ]);
      late.abort();
      await fetches.sweep(true);
      await scheduled;
      await runs.close();
      await alerts.close();
      await plans.close();
      await orgs.close();
      await staging.close();
    },
  };
}
