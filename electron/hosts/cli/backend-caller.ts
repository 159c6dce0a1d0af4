import type { Backend } from '../../backend/create-backend.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input, Output, ProcedureName } from '../../../shared/contract/procedures.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';

/** The contract by direct calls, with the waits that a screen would make by watching. */
export class BackendCaller {
  readonly #backend: Backend;
  readonly signal: AbortSignal;

  constructor(backend: Backend, signal: AbortSignal) {
    this.#backend = backend;
    this.signal = signal;
  }

  async call<P extends ProcedureName>(name: P, input: Input<P>): Promise<Output<P>> {
    const answer = await this.#backend.call(name, input, this.signal);
    if (!answer.ok) throw new FailureError(answer.failure);
    return answer.value as Output<P>;
  }

  /** Opens files and waits until every row is staged. Throws what refused them. */
  async stage(paths: readonly string[], choice: Input<'source.open'>['choice']): Promise<SourceSummary> {
    const sourceId = await this.#backend.handOver(paths);
    const staged = new Promise<SourceSummary>((resolve, reject) => {
      const stop = this.#backend.subscribe((event) => {
        if (event.topic !== 'source' || event.source.sourceId !== sourceId || event.source.state.kind === 'staging')
          return;
        stop();
        if (event.source.state.kind === 'refused')
          reject(new FailureError(event.source.state.failure as FailureError['failure']));
        else resolve(event.source);
      });
    });
    staged.catch(() => undefined);
    await this.call('source.open', { sourceId, choice });
    return staged;
  }

  /** Waits until a load has finished or paused, telling of each change. */
  async watch(loadId: LoadId, tell: (load: LoadSnapshot) => void): Promise<LoadSnapshot> {
    return new Promise((resolve, reject) => {
      const look = (load: LoadSnapshot) => {
        tell(load);
        if (load.state.kind !== 'finished' && load.state.kind !== 'paused') return;
        stop();
        resolve(load);
      };
      const stop = this.#backend.subscribe(
        (event) => event.topic === 'load' && event.load.loadId === loadId && look(event.load),
      );
      this.call('load.get', { loadId }).then(look, reject);
    });
  }

  /** The org by user name, org id or name; without one the only org there is. */
  async org(target: string | undefined): Promise<OrgSummary> {
    const orgs = await this.call('orgs.list', {});
    const found =
      target === undefined
        ? orgs.length === 1
          ? orgs
          : []
        : orgs.filter(({ username, orgId, name }) => [username, orgId, name].includes(target));
    const [org] = found;
    if (!org) throw new FailureError({ code: 'ORG_UNKNOWN' });
    return org;
  }
}
