import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer, Failure } from '../../../../shared/contract/failure.ts';
import { changesOf, wantedText } from '../../../../shared/domain/confirmation.ts';
import type { LoadId } from '../../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../../shared/domain/load-results.ts';
import { MOST_JOB_MEGABYTES } from '../../../../shared/domain/settings.ts';
import { ProcessGone, type BackendProcess } from './backend-process.ts';
import { damageFolder, type AfterDamage } from './damage.ts';
import type { Lane } from './lane.ts';
import { happens } from './moments.ts';
import { ModelFailure, must } from './model-failure.ts';
import { watchRequests } from './request-watch.ts';
import type { Disturbance, Sequence } from './sequence.ts';

export type LoadEnd =
  | {
      readonly kind: 'finished';
      readonly load: LoadSnapshot;
      readonly cancelled: boolean;
      /** Its database was damaged afterwards: what it came to may not be shown any more. */
      readonly damaged: boolean;
    }
  /** What was damaged is refused for good. */
  | { readonly kind: 'refused'; readonly failure: { code: string } }
  /** The damaged folder's load is not known any more. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'never started' };

/** How often a load is asked to go on, at most: the faults are gone after the first few. */
const ATTEMPTS = 9;
/** In how many ms, on a busy machine, a load of a few rows must have ended or paused. */
const SETTLES_WITHIN = 20_000;
const SETTLES_WITHIN_A_JOB = 300;
/** A cancel is acknowledged within 200 ms; this machine may be busy with more than that. */
const ACKNOWLEDGED_WITHIN = 3000;

/** One load from its start to its end, through everything its sequence does to it. */
export class LoadUnderTest {
  readonly #lane: Lane;
  readonly #sequence: Sequence;
  readonly #plan: LoadPlan;
  readonly #folder: string;
  #loadId: LoadId | null = null;
  /** Whether a start was asked for whose answer a kill may have swallowed. */
  #asked = false;
  #faultsOn = true;
  #cancelled = false;
  #wantsCancel = false;
  #afterDamage: AfterDamage = 'right';
  #beside: BackendProcess | null = null;
  /** What was done and what came of it, for whoever looks at a failure. */
  readonly #history: unknown[] = [];

  async story(): Promise<unknown> {
    const text = await readFile(join(this.#folder, 'journal.jsonl'), 'utf8').catch(() => 'none');
    return { history: this.#history, journal: text.split('\n').map((line) => line.slice(33, 233)) };
  }

  constructor(lane: Lane, sequence: Sequence, plan: LoadPlan) {
    this.#lane = lane;
    this.#sequence = sequence;
    this.#plan = plan;
    this.#folder = join(lane.data, 'loads', plan.planId);
  }

  async run(): Promise<LoadEnd> {
    try {
      const end = await this.#toEnd();
      if (end.kind === 'finished') await this.#seenBeside(end.load);
      return end;
    } catch (error) {
      if (error instanceof ModelFailure)
        throw new ModelFailure(error.promise, { facts: error.facts, ...((await this.story()) as object) });
      throw error;
    } finally {
      await this.#beside?.close();
      this.#beside = null;
    }
  }

  async #toEnd(): Promise<LoadEnd> {
    let last: { code: string } | null = null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (this.#faultsOn && attempt > this.#sequence.triesUnderFaults) await this.#liftFaults();
      const disturbance = this.#sequence.disturbances[attempt] ?? { kind: 'none' };
      const watch = await watchRequests(this.#lane, this.#jobs());
      const settled = await this.#attempt(disturbance);
      this.#history.push({ attempt, disturbance, faultsOn: this.#faultsOn, settled });
      await watch.check();
      if (settled.kind === 'gone') continue;
      if (settled.kind === 'never started') return settled;
      if (settled.kind === 'unknown load') {
        must(this.#afterDamage === 'lost', 'a load that was started is known after a restart', {});
        return { kind: 'lost' };
      }
      if (settled.kind === 'finished') return this.#finished(settled.load);
      last = settled.failure;
      must(last.code !== 'BUG', 'an expected failure is no bug', { last, log: this.#lane.app.log.slice(-3) });
      if (this.#isRefusal(last) && !this.#faultsOn && attempt > this.#sequence.disturbances.length) break;
    }
    if (last !== null && this.#isRefusal(last) && this.#afterDamage !== 'right') return this.#refused(last);
    throw new ModelFailure('a load ends once its faults are gone', { last });
  }

  /** Jobs that the load may take: a small job may hold a single row. */
  #jobs(): number {
    return this.#sequence.jobMegabytes === MOST_JOB_MEGABYTES ? 1 : changesOf(this.#plan.counts);
  }

  /** How long an end or a pause may take, ms. */
  #bound(): number {
    return SETTLES_WITHIN + SETTLES_WITHIN_A_JOB * this.#jobs();
  }

  #isRefusal(failure: { code: string }): boolean {
    return failure.code === 'JOURNAL_DAMAGED' || failure.code === 'DATA_DAMAGED';
  }

  #finished(load: LoadSnapshot): LoadEnd {
    must(this.#afterDamage !== 'refused', 'a damaged journal is refused', { state: load.state });
    const { state } = load;
    const cancelled = state.kind === 'finished' && state.cancelled;
    if (this.#cancelled) must(cancelled, 'a load that was cancelled ends cancelled', { state });
    else must(!cancelled, 'a load that nobody cancelled is not cancelled', { state });
    return { kind: 'finished', load, cancelled, damaged: this.#afterDamage === 'either' };
  }

  /** A refusal stays one, and sends nothing more. */
  async #refused(failure: { code: string }): Promise<LoadEnd> {
    const mark = await this.#lane.org.requestCount();
    const again = await this.#attempt({ kind: 'none' });
    must(again.kind === 'paused' && again.failure.code === failure.code, 'what is refused stays refused', { again });
    const sent = (await this.#lane.org.requestsAfter(mark)).filter(
      ({ method, path }) => method !== 'GET' && path.includes('/jobs/'),
    );
    must(sent.length === 0, 'a refused load sends nothing more', { sent });
    return { kind: 'refused', failure };
  }

  async #liftFaults(): Promise<void> {
    this.#faultsOn = false;
    await this.#lane.org.faults([]);
  }

  /** One go: the load is started, resumed or cancelled, and disturbed on its way. */
  async #attempt(disturbance: Disturbance): Promise<Settled> {
    const app = this.#lane.app;
    const done = new AbortController();
    try {
      await this.#arm(app, disturbance);
      const disturbed = this.#disturb(app, disturbance, done.signal);
      // Awaited below, when the load has settled; until then a refusal of it is nobody's.
      disturbed.catch(() => undefined);
      const settled = await this.#go(app);
      done.abort();
      await disturbed;
      if (disturbance.kind === 'kill') return await this.#kill(disturbance);
      return settled;
    } catch (error) {
      done.abort();
      if (!(error instanceof ProcessGone)) throw error;
      return this.#kill(disturbance.kind === 'kill' ? disturbance : null);
    }
  }

  async #arm(app: BackendProcess, disturbance: Disturbance): Promise<void> {
    if (disturbance.kind !== 'kill' || !('step' in disturbance.when)) return;
    const { step, nth, jitter } = disturbance.when;
    await app.killAt(join('loads', this.#plan.planId), step, nth, jitter);
  }

  async #disturb(app: BackendProcess, disturbance: Disturbance, done: AbortSignal): Promise<void> {
    if (disturbance.kind === 'none') return;
    if (disturbance.kind === 'kill') {
      if ('after' in disturbance.when && (await happens(disturbance.when, this.#folder, done))) await app.kill();
      return;
    }
    if (!(await happens(disturbance.when, this.#folder, done)) || app.gone) return;
    if (this.#beside?.gone) this.#beside = null;
    if (disturbance.kind === 'kill-staging') await app.killStaging();
    else if (disturbance.kind === 'cancel') await this.#cancel(app, disturbance.then);
    else await this.#lookBeside();
  }

  async #cancel(app: BackendProcess, then: 'cancel' | 'resume'): Promise<void> {
    if (this.#loadId === null) return;
    const askedAt = performance.now();
    const answer = await app.call('load.cancel', { loadId: this.#loadId });
    // The other process may have gone on with it: then it is asked there.
    if (!answer.ok && answer.failure.code === 'LOAD_OPEN_ELSEWHERE' && this.#beside !== null) return;
    must(answer.ok, 'a cancel is taken', answer);
    const took = performance.now() - askedAt;
    must(took < ACKNOWLEDGED_WITHIN, 'a cancel is acknowledged at once', { took });
    if (answer.value.state.kind === 'finished') return;
    this.#cancelled = true;
    this.#wantsCancel = then === 'cancel';
  }

  /** Everything another process of the same folder may ask; none of it is a bug, and none of it makes it load as well. */
  async #lookBeside(): Promise<void> {
    this.#beside ??= await this.#lane.beside();
    const other = this.#beside;
    await other.must('orgs.list', {});
    const loads = await other.must('load.list', {});
    const mine = loads.find(({ planId }) => planId === this.#plan.planId);
    if (mine === undefined) return;
    const { loadId } = mine;
    await other.call('load.get', { loadId });
    await other.call('report.get', { loadId });
    await other.call('report.page', { loadId, kinds: ['created', 'failed'], offset: 0, limit: 10 });
    await other.call('load.resume', { loadId });
  }

  /** A load that finished here is finished for the other process too. */
  async #seenBeside(load: LoadSnapshot): Promise<void> {
    const other = this.#beside;
    if (other === null || other.gone) return;
    const there = await other.must('load.list', {});
    const seen = there.find(({ loadId }) => loadId === load.loadId);
    must(seen?.state.kind === 'finished', 'a finished load is shown as finished by the other process', { seen });
  }

  async #kill(disturbance: Extract<Disturbance, { kind: 'kill' }> | null): Promise<Settled> {
    await this.#lane.app.kill();
    if (disturbance?.damage) {
      const after = await damageFolder(this.#folder, disturbance.damage, disturbance.where);
      if (after !== 'right' && this.#afterDamage !== 'lost') this.#afterDamage = after;
    }
    await this.#lane.restart();
    const known = (await this.#lane.app.must('load.list', {})).find(({ planId }) => planId === this.#plan.planId);
    if (known === undefined) {
      if (this.#loadId === null && this.#asked) return { kind: 'never started' };
      return { kind: 'unknown load' };
    }
    this.#loadId = known.loadId;
    if (disturbance?.resume === 'two') await this.#resumeBoth(known.loadId);
    return { kind: 'gone' };
  }

  /** Two processes are asked to go on with one load at once: one of them does. */
  async #resumeBoth(loadId: LoadId): Promise<void> {
    const other = await this.#lane.beside();
    try {
      const both = [this.#lane.app, other];
      const goOn = async (app: BackendProcess) => {
        const answer = await app.call('load.resume', { loadId });
        // Whoever is told why not has nothing to wait for.
        return answer.ok ? this.#settle(app, loadId) : answer.failure;
      };
      const answers = await Promise.all(both.map(goOn));
      this.#history.push({ both: answers });
    } finally {
      await other.close();
    }
  }

  async #go(app: BackendProcess): Promise<Settled> {
    const answer = await this.#ask(app);
    if (!answer.ok) return this.#notTaken(app, answer.failure);
    this.#loadId = answer.value.loadId;
    app.note(answer.value);
    return this.#settle(app, answer.value.loadId);
  }

  #ask(app: BackendProcess): Promise<Answer<LoadSnapshot>> {
    if (this.#loadId === null) {
      this.#asked = true;
      const { planId, planDigest, counts } = this.#plan;
      const confirmation = wantedText(counts, this.#sequence.operation);
      return app.call('load.start', { planId, planDigest, confirmation });
    }
    app.forget(this.#loadId);
    return app.call(this.#wantsCancel ? 'load.cancel' : 'load.resume', { loadId: this.#loadId });
  }

  async #notTaken(app: BackendProcess, failure: Failure): Promise<Settled> {
    if (failure.code === 'ORG_SESSION_EXPIRED' && !this.#faultsOn) await this.#lane.signIn();
    // The other process has gone on with it; it is waited for.
    if (failure.code === 'LOAD_OPEN_ELSEWHERE' && this.#beside !== null && this.#loadId !== null)
      await this.#beside.settled(this.#loadId, this.#bound());
    if (failure.code === 'LOAD_NOT_RESUMABLE' && this.#loadId !== null) {
      const load = await app.must('load.get', { loadId: this.#loadId });
      if (load.state.kind === 'finished') return { kind: 'finished', load };
      // A cancel that came at its end has it going on already, here or in the other process.
      app.note(load);
      if (load.state.kind !== 'paused') return this.#settleAnywhere(app, load.loadId);
    }
    return { kind: 'paused', failure };
  }

  async #settleAnywhere(app: BackendProcess, loadId: LoadId): Promise<Settled> {
    if (this.#beside === null) return this.#settle(app, loadId);
    await Promise.race([app, this.#beside].map((one) => one.settled(loadId, this.#bound())));
    app.forget(loadId);
    app.note(await app.must('load.get', { loadId }));
    return this.#settle(app, loadId);
  }

  async #settle(app: BackendProcess, loadId: LoadId): Promise<Settled> {
    const load = await app.settled(loadId, this.#bound());
    if (app.gone) throw new ProcessGone('killed on its way');
    if (load === null)
      throw new ModelFailure('a load ends or pauses within a bound', {
        faultsOn: this.#faultsOn,
        state: await app.must('load.get', { loadId }),
      });
    if (load.state.kind === 'finished') return { kind: 'finished', load };
    const failure = load.state.kind === 'paused' ? load.state.failure : { code: 'none' };
    // The other process keeps open what it showed: it is closed, as the words of this failure advise.
    if (failure.code === 'DATA_OPEN_ELSEWHERE') await this.#beside?.close();
    if (failure.code === 'ORG_SESSION_EXPIRED' && !this.#faultsOn) await this.#lane.signIn();
    return { kind: 'paused', failure };
  }
}

type Settled =
  | { readonly kind: 'finished'; readonly load: LoadSnapshot }
  | { readonly kind: 'paused'; readonly failure: { code: string } }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown load' }
  | { readonly kind: 'never started' };
