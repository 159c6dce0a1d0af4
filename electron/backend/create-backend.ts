import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer } from '../../shared/contract/failure.ts';
import { FailureError } from '../../shared/contract/failure.ts';
import type { SavedFile } from '../../shared/contract/procedures.ts';
import type { BackendEvent } from '../../shared/contract/events.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import { mappedColumns } from '../../shared/domain/field-mapping.ts';
import type { OrgId, PlanId, SourceId } from '../../shared/domain/ids.ts';
import type { SObjectDescribe } from '../../shared/domain/sobject.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import { LoadRegistry, newPlanId } from './load/load-registry.ts';
import type { StoredPlan } from './load/stored-plan.ts';
import { SavedMappings } from './mapping/saved-mappings.ts';
import { fitOf, suggestMapping } from './mapping/suggest-mapping.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { OrgDirectory } from './orgs/org-directory.ts';
import { OrgHttp } from './orgs/org-http.ts';
import { exportQuery } from './plan/export-query.ts';
import { buildLoadPlan } from './plan/build-load-plan.ts';
import { planPage } from './plan/plan-pages.ts';
import type { BackendPorts } from './ports.ts';
import { errorGroups, outcomePage } from './report/outcomes.ts';
import { writeReport } from './report/write-report.ts';
import { SourceRegistry, type OwnedCopy } from './source/source-registry.ts';
import { StagedSources } from './source/staged-sources.ts';
import { StagingClient } from './staging/staging-client.ts';
import { checkMapping } from './validation/check-mapping.ts';
import { ValueChecker } from './validation/check-values.ts';
import { blankColumns, groupIssues, issueRows } from './validation/issue-groups.ts';

export interface Backend {
  /** One request of any transport. Never rejects. */
  call(procedure: string, input: unknown, signal: AbortSignal): Promise<Answer<unknown>>;
  subscribe(listener: (event: BackendEvent) => void): () => void;
  /** Files from a drop or an upload, by path; only a host may call this. A copy of ours is deleted with the source. */
  handOver(paths: readonly string[], copy?: OwnedCopy): Promise<SourceId>;
  /** One more file of a source that is not open yet. */
  addFile(sourceId: SourceId, path: string, copy: OwnedCopy): Promise<void>;
  close(): Promise<void>;
}

function baseName(fileName: string): string {
  return fileName.replace(/\.[^.]*$/, '');
}

/** Objects that are no candidates for a load, though describe lists them. */
const UNLIKELY_OBJECTS = /^(?:User|RecordType|Organization|.*(?:History|Feed|Share|ChangeEvent|Tag))$/;
/** Describes fetched to guess the object: the commonest first, so that a large org costs a bounded number of calls. */
const GUESSED_OBJECTS = 12;
const COMMON_OBJECTS = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case', 'Campaign', 'Product2', 'Task'];

/** The product. Reads like a table of contents: every procedure of the contract and what answers it. */
export function createBackend(ports: BackendPorts): Backend {
  const listeners = new Set<(event: BackendEvent) => void>();
  const emit = (event: BackendEvent) => {
    for (const listener of listeners) listener(event);
  };
  const staging = new StagingClient(ports.spawnStaging);
  const sources = new SourceRegistry(ports, staging, (source) => emit({ topic: 'source', source }));
  const staged = new StagedSources(sources, staging);
  const orgs = new OrgDirectory(ports, (list) => emit({ topic: 'orgs', orgs: list }));
  const mappings = new SavedMappings(ports.settings);
  const checker = new ValueChecker(staging);
  const turns = new OneAtATime();
  const loads = new LoadRegistry(ports, staging, orgs, (load) => emit({ topic: 'load', load }));
  const plans = new Map<PlanId, StoredPlan>();

  /** Describes of the objects that lookups of `describe` point to, where a mapping (or its suggestion) needs them. */
  async function parentsOf(
    orgId: OrgId,
    describe: SObjectDescribe,
    names?: ReadonlySet<string>,
  ): Promise<Map<string, SObjectDescribe>> {
    const wanted = new Set(
      describe.fields.flatMap((field) =>
        field.type === 'reference' && (field.createable || field.updateable) ? field.referenceTo : [],
      ),
    );
    const parents = new Map<string, SObjectDescribe>();
    for (const name of wanted) {
      if (names && !names.has(name.toLowerCase())) continue;
      // A parent this user cannot see can't be matched by its external id; the others still can.
      const parent = await orgs.describe(orgId, name).catch((error: unknown) => {
        if (error instanceof FailureError && error.failure.code === 'OBJECT_UNKNOWN') return null;
        throw error;
      });
      if (parent) parents.set(name.toLowerCase(), parent);
    }
    return parents;
  }

  async function mappingContext(orgId: OrgId, sourceId: SourceId, mapping: FieldMapping) {
    const source = await staged.facts(sourceId);
    const describe = await orgs.describe(orgId, mapping.objectName);
    const named = new Set(
      mappedColumns(mapping).flatMap(({ target }) =>
        target.kind === 'lookup' ? [target.parentObject.toLowerCase()] : [],
      ),
    );
    const parents = await parentsOf(orgId, describe, named);
    const mappingIssues = checkMapping(mapping, describe, parents, source.columns);
    return { source, describe, parents, mappingIssues, timeZone: ports.clock.timeZone(), mapping };
  }

  /** A plan that is built anew takes the place of those of the same source that were never loaded, and of their copies of its rows. */
  async function forgetUnusedPlans(sourceId: SourceId): Promise<void> {
    for (const [planId, { plan }] of plans) {
      if (plan.sourceId !== sourceId || loads.hasUsed(planId)) continue;
      plans.delete(planId);
      await staging.detach(planId);
      await rm(loads.folderOf(planId), { recursive: true, force: true });
    }
  }

  /** Lets her save a file. Where it was copied to its place, nothing of it stays behind; a download is still to be fetched. */
  async function offer(folder: string, path: string, name: string): Promise<SavedFile> {
    const file = await ports.fileSaver.save(path, name);
    if (file.kind !== 'download') await rm(folder, { recursive: true, force: true });
    return file;
  }

  function planOf(planId: PlanId): StoredPlan {
    const stored = plans.get(planId);
    if (!stored) throw new FailureError({ code: 'PLAN_UNKNOWN' });
    return stored;
  }

  const handlers: Handlers = {
    'app.info': () => Promise.resolve(ports.info),

    'orgs.list': () => orgs.list(),
    'orgs.signIn': ({ target, clientId }, signal) => orgs.signIn(target, clientId, signal),
    'orgs.signOut': async ({ orgId }) => {
      await orgs.signOut(orgId);
      return {};
    },
    'orgs.objects': ({ orgId }) => orgs.objects(orgId),
    'orgs.describe': ({ orgId, objectName }) => orgs.describe(orgId, objectName),

    'source.choose': async () => {
      const paths = await ports.fileChooser.choose();
      return paths.length === 0 ? null : sources.handOver(paths);
    },
    'source.paste': async ({ text }) => {
      const folder = join(ports.paths.data, 'uploads');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${ports.random.token(16)}.txt`);
      await writeFile(path, text, { mode: 0o600 });
      return sources.handOver([path], { fileName: 'Pasted rows', arriving: null });
    },
    'source.open': ({ sourceId, choice }, signal) => sources.open(sourceId, choice, signal),
    'source.get': ({ sourceId }) => Promise.resolve(sources.get(sourceId)),
    'source.recent': () => Promise.resolve(sources.recent()),
    'source.stop': ({ sourceId }) => {
      sources.stop(sourceId);
      return Promise.resolve({});
    },
    'source.page': ({ sourceId, view, offset, limit }, signal) => staged.page(sourceId, view, offset, limit, signal),
    'source.glance': ({ sourceId }, signal) => staged.glance(sourceId, signal),
    'source.profile': ({ sourceId, column }, signal) => staged.profile(sourceId, column, signal),
    'source.previewCleaning': ({ sourceId, step }, signal) => sources.previewCleaning(sourceId, step, signal),
    // Checks and plans read the rows that cleaning changes.
    'source.clean': ({ sourceId, steps }, signal) =>
      turns.run(sourceId, signal, () => sources.clean(sourceId, steps, signal)),
    'source.edit': ({ sourceId, cells }, signal) => turns.run(sourceId, signal, () => sources.edit(sourceId, cells)),
    'source.save': ({ sourceId }, signal) =>
      turns.run(sourceId, signal, async () => {
        const folder = join(ports.paths.data, 'exports', ports.random.token(16));
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const path = join(folder, 'source.csv');
        await staged.write(sourceId, path, signal);
        return offer(folder, path, `${baseName(sources.get(sourceId).fileName)}-edited.csv`);
      }),
    'source.forget': async ({ sourceId }) => {
      await sources.forget(sourceId);
      return {};
    },

    'mapping.guessObject': async ({ orgId, sourceId }) => {
      const { columns, fileName } = sources.get(sourceId);
      const all = (await orgs.objects(orgId)).filter(
        (object) => object.createable && !UNLIKELY_OBJECTS.test(object.name),
      );
      const rank = (name: string) =>
        COMMON_OBJECTS.includes(name) ? COMMON_OBJECTS.indexOf(name) : name.endsWith('__c') ? 50 : 100;
      const candidates = all.sort((a, b) => rank(a.name) - rank(b.name)).slice(0, GUESSED_OBJECTS);
      // Where nothing fits, the commonest object is a better place to start than the one with the fewest requirements.
      let best = { objectName: candidates[0]?.name ?? 'Account', matched: 0, fit: -Infinity };
      for (const { name } of candidates) {
        const { fit, matched } = fitOf(await orgs.describe(orgId, name), columns, fileName);
        if (matched > 0 && fit > best.fit) best = { objectName: name, matched, fit };
      }
      return { objectName: best.objectName, matched: best.matched };
    },
    'mapping.suggest': async ({ orgId, sourceId, objectName, operation, useSaved }, signal) => {
      const describe = await orgs.describe(orgId, objectName);
      const { columns } = sources.get(sourceId);
      const firstRows = await staged.firstRows(sourceId, signal);
      const saved = useSaved ? mappings.find(describe, operation, columns) : null;
      if (saved) return saved;
      const examples = columns.map(({ index }) =>
        firstRows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''),
      );
      return suggestMapping(describe, await parentsOf(orgId, describe), columns, examples, operation);
    },
    'mapping.save': ({ sourceId, mapping }) => {
      sources.keepCleaning(sourceId);
      mappings.save(mapping, sources.get(sourceId).columns);
      return Promise.resolve({});
    },

    'checks.run': ({ orgId, sourceId, mapping }, signal) =>
      turns.run(sourceId, signal, async () => {
        const context = await mappingContext(orgId, sourceId, mapping);
        const { source, describe, mappingIssues } = context;
        // Value rules need fields to go by; while a mapping has none, or unknown ones, only its own problems are told.
        const unreadable = mappingIssues.some(
          ({ code }) => code === 'FIELD_UNKNOWN' || code === 'PARENT_FIELD_CANNOT_MATCH' || code === 'NOTHING_MAPPED',
        );
        if (unreadable) {
          return {
            mappingIssues,
            groups: [],
            groupsLeftOut: 0,
            rows: source.rows,
            rowsReady: 0,
            rowsBlocked: source.rows,
            formats: [],
          };
        }
        const formats = await checker.check(context, signal, (done, total) =>
          emit({ topic: 'work', work: { sourceId, stage: 'checking', done, total } }),
        );
        const blank = await blankColumns(staging.until(signal), source, mapping);
        const grouped = await groupIssues(staging.until(signal), source, mapping, describe);
        return {
          mappingIssues: [...mappingIssues, ...blank],
          ...grouped,
          rows: source.rows,
          rowsReady: source.rows - grouped.rowsBlocked,
          formats: [...formats].map(([column, format]) => ({ column, ...format })),
        };
      }),
    'checks.rows': async ({ orgId, sourceId, mapping, groupKey, offset, limit }) => {
      const { source, describe } = await mappingContext(orgId, sourceId, mapping);
      return issueRows(staging, source, mapping, describe, groupKey, offset, limit);
    },

    'plan.build': ({ orgId, sourceId, mapping }, signal) =>
      turns.run(sourceId, signal, async () => {
        const context = await mappingContext(orgId, sourceId, mapping);
        const { source, describe, parents, mappingIssues } = context;
        const problems = mappingIssues.filter((issue) => issue.level === 'block').length;
        if (problems > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems });
        await checker.check(context, signal, (done, total) =>
          emit({ topic: 'work', work: { sourceId, stage: 'checking', done, total } }),
        );
        const session = await orgs.session(orgId);
        const http = new OrgHttp(session, ports.clock);
        await forgetUnusedPlans(sourceId);
        const planId = newPlanId(ports);
        try {
          const plan = await buildLoadPlan(
            { session, http, staging, clock: ports.clock },
            {
              planId,
              orgId,
              source,
              mapping,
              describe,
              parents,
              folder: loads.folderOf(planId),
              now: ports.clock.now(),
            },
            signal,
            (stage, done) => emit({ topic: 'work', work: { sourceId, stage, done, total: null } }),
          );
          const stored: StoredPlan = {
            plan,
            describe,
            parents: [...parents.values()],
            fileName: source.fileName,
            delimiter: source.delimiter,
            columns: source.columns.map(({ name }) => name),
          };
          plans.set(planId, stored);
          mappings.save(mapping, source.columns);
          sources.keepCleaning(sourceId);
          return plan;
        } catch (error) {
          await staging.detach(planId).catch(() => undefined);
          await rm(loads.folderOf(planId), { recursive: true, force: true });
          throw error;
        } finally {
          await http.close();
        }
      }),
    'plan.page': ({ planId, kind, search, offset, limit }) =>
      planPage(staging, planOf(planId).plan, kind, search, offset, limit),

    'load.start': ({ planId, planDigest }) => loads.start(planOf(planId), planDigest),
    'load.get': ({ loadId }) => loads.get(loadId),
    'load.list': () => loads.list(),
    'load.cancel': ({ loadId }) => loads.cancel(loadId),
    'load.resume': ({ loadId }) => loads.resume(loadId),

    'report.get': async ({ loadId }) => {
      const { snapshot, stored } = await loads.load(loadId);
      return {
        load: snapshot,
        errorGroups: snapshot.state.kind === 'finished' ? await errorGroups(staging, stored) : [],
      };
    },
    'report.page': async ({ loadId, kinds, offset, limit }) =>
      outcomePage(staging, (await loads.load(loadId)).stored, kinds, offset, limit),
    'report.save': async ({ loadId, file, spreadsheetSafe }, signal) => {
      const { snapshot, stored, folder } = await loads.load(loadId);
      const { path } = await writeReport(staging, stored, folder, file, spreadsheetSafe, signal);
      return ports.fileSaver.save(
        path,
        `${baseName(snapshot.fileName)}-${file}${spreadsheetSafe ? '-spreadsheet' : ''}.csv`,
      );
    },

    'export.query': async ({ orgId, soql, fileName }, signal) => {
      const http = new OrgHttp(await orgs.session(orgId), ports.clock);
      const folder = join(ports.paths.data, 'exports', ports.random.token(16));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const { path, records } = await exportQuery(http, ports.clock, soql, folder, signal);
        return { records, file: await offer(folder, path, fileName) };
      } finally {
        await http.close();
      }
    },
  };

  return {
    call: (procedure, input, signal) => dispatch(handlers, ports, procedure, input, signal),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    handOver: (paths, copy) => sources.handOver(paths, copy),
    addFile: (sourceId, path, copy) => sources.addFile(sourceId, path, copy),
    close: () => {
      sources.close();
      return staging.close();
    },
  };
}
