import { writeFile } from 'node:fs/promises';
import type { JobId, LoadId } from '../../../../shared/domain/ids.ts';
import { newColumn } from '../../../../shared/domain/made-columns.ts';
import type { Run } from '../../../../shared/domain/run.ts';
import type { Lane } from '../load-model/lane.ts';
import { ModelFailure } from '../load-model/model-failure.ts';
import { ProcessGone } from '../load-model/backend-process.ts';
import { to } from '../small-plan.ts';
import type { History, Step } from './history.ts';

interface Row {
  readonly name: string;
  readonly phone: string;
}

/** What no text field of an account takes: the row is not sent, and waits. */
const TOO_LONG = 'x'.repeat(300);
const SETTLED_WITHIN = 60_000;
/** Runs after which a sync must have nothing left to do: one that goes on where a kill left it, one for each of its parts, and one more. */
const RUNS_TO_REST = 6;

/** A sync under test: its file, and the records of its keys in the org, on both of which things happen. */
export class SyncWorld {
  readonly #lane: Lane;
  readonly #name: string;
  readonly #history: History;
  readonly #rows = new Map<number, Row>();
  /** Keys that a row has had. */
  readonly #known = new Set<number>();
  /** Keys whose record somebody changed in the org, and that were not agreed since: it must not be deleted. */
  readonly #touched = new Set<number>();
  /** Keys of which it can't be told from here whether they were agreed since. */
  readonly #unsure = new Set<number>();
  /** Keys that a run has made a record of: a row may have come and gone between two runs. */
  readonly #made = new Set<number>();
  /** Keys whose record the model itself has deleted, as somebody in the org does. */
  readonly #deleted = new Set<number>();
  /** Cells that somebody has changed in the org: a third time would set them aside. */
  readonly #flips = new Map<string, number>();
  #jobId: JobId | null = null;

  constructor(lane: Lane, name: string, history: History) {
    this.#lane = lane;
    this.#name = name;
    this.#history = history;
  }

  async begin(): Promise<void> {
    const { org, app, orgId } = this.#lane;
    await org.knobs({ rewriteField: this.#history.rewrites ? 'Account.Name' : '' });
    for (const key of [1, 2]) this.#set(key, { name: `First ${key}`, phone: String(key) });
    await this.#write();
    const { sourceId } = await app.stage(this.#path);
    const mapping = {
      objectName: 'Account',
      operation: 'upsert' as const,
      matchField: 'ERP_Id__c',
      columns: ['ERP_Id__c', 'Name', 'Phone'].map((field, column) => newColumn(column, to(field))),
      blankValues: 'leave' as const,
      duplicateKeys: 'first' as const,
      policies: { way: 'collections' as const },
    };
    const gone =
      this.#history.gone === 'leave'
        ? { then: 'leave' as const }
        : { then: 'delete' as const, afterRuns: 1, afterDays: 0 };
    const from = { kind: 'source' as const, orgId, sourceId, mapping };
    const guards = { shrunkPercent: null, changesTimes: null, deletesPercent: null };
    const sync = { orgChanges: 'set-back' as const, gone };
    const { job } = await app.must('job.save', { name: this.#name, from, sync, guards, replace: false });
    this.#jobId = job.jobId;
  }

  get #path(): string {
    return this.#lane.file(`${this.#name}.csv`);
  }

  #keyOf(key: number): string {
    return `${this.#name}-${key}`;
  }

  #set(key: number, row: Row): void {
    this.#rows.set(key, row);
    this.#known.add(key);
  }

  #write(): Promise<void> {
    const lines = [...this.#rows].map(([key, { name, phone }]) => `${this.#keyOf(key)},${name},${phone}`);
    // A file without rows holds its run: there is always one more, which nothing happens to.
    return writeFile(this.#path, `Key,Name,Phone\n${[`${this.#name}-0,Always,0`, ...lines].join('\n')}\n`);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'row':
        return this.#set(step.key, { name: step.name, phone: step.phone });
      case 'bad-row':
        return this.#set(step.key, { name: TOO_LONG, phone: 'bad' });
      case 'row-gone':
        return void this.#rows.delete(step.key);
      case 'record':
        return this.#change(step);
      case 'other-field':
        // Its row agrees as before: only where it has none is it known not to be agreed since.
        if (this.#rows.has(step.key)) this.#unsure.add(step.key);
        return this.#edit(step.key, { Description: 'ours' });
      case 'record-gone':
        return this.#remove(step.key);
      case 'run':
        await this.run(step.killedAt);
        return;
    }
  }

  async #record(key: number): Promise<string | null> {
    const [found] = await this.#lane.org.query(`SELECT Id FROM Account WHERE ERP_Id__c = '${this.#keyOf(key)}'`);
    return found === undefined ? null : String(found['Id']);
  }

  async #edit(key: number, values: Record<string, unknown>): Promise<void> {
    const id = await this.#record(key);
    if (id === null) return;
    // Stamps have whole seconds: what comes in the second of an agreement can't be told from it.
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
    await this.#lane.org.change('Account', [{ Id: id, ...values }]);
    this.#touched.add(key);
  }

  async #change({ key, field, value, late }: Extract<Step, { kind: 'record' }>): Promise<void> {
    const cell = `${key} ${field}`;
    const flips = this.#flips.get(cell) ?? 0;
    if (flips >= 2) return;
    this.#flips.set(cell, flips + 1);
    await this.#lane.org.knobs({ transactionTime: late ? 9 * 60_000 : 0 });
    await this.#edit(key, { [field]: `${value}, changed` });
    await this.#lane.org.knobs({ transactionTime: 0 });
  }

  async #remove(key: number): Promise<void> {
    const id = await this.#record(key);
    if (id === null) return;
    this.#deleted.add(key);
    await this.#lane.org.remove([id]);
  }

  get #job(): JobId {
    if (this.#jobId === null) throw new Error('the history has not begun');
    return this.#jobId;
  }

  /** A run of the rows, and of what is gone where that is due; one that is killed leaves the rest to the next. */
  async run(killedAt: string | null): Promise<Run | null> {
    await this.#write();
    const { app } = this.#lane;
    await app.killAtRun(killedAt === null ? 'none' : `sync ${killedAt}`, 1);
    try {
      const run = await this.#part('rows');
      if ((run.sync?.done?.goneDue ?? 0) > 0) await this.#part('gone');
      await app.killAtRun('none', 1);
      for (const key of this.#saved()) {
        this.#touched.delete(key);
        this.#made.add(key);
      }
      return run;
    } catch (error) {
      if (!(error instanceof ProcessGone)) throw error;
      await app.ended;
      await this.#lane.restart();
      // The run may have agreed on them, or not.
      for (const key of this.#saved()) if (this.#touched.delete(key)) this.#unsure.add(key);
      return null;
    }
  }

  async #settled(loadId: LoadId): Promise<void> {
    const { app } = this.#lane;
    const load = await app.settled(loadId, SETTLED_WITHIN);
    if (load === null && !app.gone) throw new ModelFailure('nothing hangs', { loadId });
  }

  /** Keys whose rows a run can save. */
  #saved(): number[] {
    return [...this.#rows].flatMap(([key, { name }]) => (name === TOO_LONG ? [] : [key]));
  }

  async #part(part: 'rows' | 'gone'): Promise<Run> {
    const { app } = this.#lane;
    const jobId = this.#job;
    const { run } = await app.must('run.prepare', { jobId, dry: false, part });
    if (run.state.kind === 'loading' && run.loadId !== null) {
      app.forget(run.loadId);
      await app.must('load.resume', { loadId: run.loadId });
      await this.#settled(run.loadId);
    } else if (run.state.kind === 'planned' && run.plan) {
      const { load } = await app.must('run.load', { runId: run.runId, planDigest: run.plan.planDigest });
      await this.#settled(load.loadId);
    } else if (run.state.kind !== 'ended') throw new ModelFailure('a run is not held, and does not fail', run);
    const { runs } = await app.must('run.list', { jobId });
    if (app.gone) throw new ProcessGone('the backend’s process ended');
    return runs.find(({ runId }) => runId === run.runId) ?? run;
  }

  /** Lets the sync come to rest, with rows that can be saved, and holds both sides to one another. */
  async check(): Promise<void> {
    for (const [key, row] of this.#rows) if (row.name === TOO_LONG) this.#set(key, { name: 'Good', phone: 'good' });
    let rest: Run | null = null;
    for (let runs = 0; runs < RUNS_TO_REST && rest?.sync?.keys !== 0; runs++) rest = await this.run(null);
    if (rest?.sync?.keys !== 0) throw new ModelFailure('a sync comes to rest', rest);
    // One more for what is gone: its grace is over then.
    await this.run(null);
    const before = await this.#lane.org.requestCount();
    const quiet = await this.run(null);
    const asked = await this.#lane.org.requestsAfter(before);
    const writes = asked.filter(({ method, path }) => method !== 'GET' && !/query|\/token/.test(path));
    if (quiet?.sync?.keys !== 0 || writes.length > 0)
      throw new ModelFailure('a run that finds nothing changed writes nothing', { quiet, writes });
    await this.#checkOrg();
  }

  async #checkOrg(): Promise<void> {
    const soql = `SELECT Id, ERP_Id__c, Name, Phone FROM Account WHERE ERP_Id__c LIKE '${this.#name}-%'`;
    const records = new Map<string, Record<string, unknown>>();
    for (const record of await this.#lane.org.query(soql)) {
      const key = String(record['ERP_Id__c']);
      if (records.has(key)) throw new ModelFailure('a key has one record', { key });
      records.set(key, record);
    }
    for (const [key, { name, phone }] of this.#rows) {
      const record = records.get(this.#keyOf(key));
      const expected = { Name: this.#history.rewrites ? name.toUpperCase() : name, Phone: phone };
      const isSame = record?.['Name'] === expected.Name && record['Phone'] === expected.Phone;
      if (!isSame) throw new ModelFailure('both sides agree', { key, expected, record });
    }
    for (const key of this.#known) {
      const isThere = records.has(this.#keyOf(key));
      records.delete(this.#keyOf(key));
      if (this.#rows.has(key) || this.#deleted.has(key)) continue;
      const deletes = this.#history.gone === 'delete';
      if (!isThere && this.#touched.has(key))
        throw new ModelFailure('nothing is deleted that changed since it was agreed', { key });
      if (!isThere && !deletes && this.#made.has(key)) throw new ModelFailure('nothing is deleted unasked', { key });
      if (isThere && deletes && !this.#touched.has(key) && !this.#unsure.has(key))
        throw new ModelFailure('a record follows its row', { key });
    }
    records.delete(`${this.#name}-0`);
    if (records.size > 0) throw new ModelFailure('nothing is made that no row says', [...records.keys()]);
  }
}
