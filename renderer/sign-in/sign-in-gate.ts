import type { BackendConnection } from '../backend/connection.ts';
import { CallFailed } from '../backend/connection.ts';
import type { Input, Output, ProcedureName } from '../../shared/contract/procedures.ts';
import type { OrgId } from '../../shared/domain/ids.ts';
import type { OrgSummary } from '../../shared/domain/org.ts';

/** What the dialog is asked: to get a session going again. */
export interface SignInRequest {
  readonly org: OrgSummary;
  /** Whether the sign-in was made. */
  readonly done: (signedIn: boolean) => void;
}

/**
 * A connection whose calls wait for a new sign-in where a session has ended, and then are made once more: what was
 * being done goes on where it was. One question for all calls of an org; after a "not now" none until it is asked for.
 */
export class SignInGate {
  readonly connection: BackendConnection;
  readonly #inner: BackendConnection;
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Map<OrgId, Promise<boolean>>();
  readonly #declined = new Set<OrgId>();
  #requests: readonly SignInRequest[] = [];

  constructor(inner: BackendConnection) {
    this.#inner = inner;
    this.connection = {
      desk: inner.desk,
      reach: inner.reach,
      call: (name, input, options) => this.#call(name, input, options),
      subscribe: (listener) => inner.subscribe(listener),
      handOver: (files) => inner.handOver(files),
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What is asked now; null for nothing. */
  readonly current = (): SignInRequest | null => this.#requests[0] ?? null;

  /** Asks to sign in, whether or not that was declined before. False if it is not done. */
  ask(org: OrgSummary): Promise<boolean> {
    this.#declined.delete(org.orgId);
    const asked = this.#asked.get(org.orgId);
    if (asked) return asked;
    const answer = new Promise<boolean>((resolve) => {
      const request: SignInRequest = {
        org,
        done: (signedIn) => {
          if (!signedIn) this.#declined.add(org.orgId);
          this.#asked.delete(org.orgId);
          this.#show(this.#requests.filter((other) => other !== request));
          resolve(signedIn);
        },
      };
      this.#show([...this.#requests, request]);
    });
    this.#asked.set(org.orgId, answer);
    return answer;
  }

  #show(requests: readonly SignInRequest[]): void {
    this.#requests = requests;
    for (const listener of this.#listeners) listener();
  }

  async #call<P extends ProcedureName>(
    name: P,
    input: Input<P>,
    options?: Parameters<BackendConnection['call']>[2],
  ): Promise<Output<P>> {
    try {
      return await this.#inner.call(name, input, options);
    } catch (error) {
      const org = await this.#endedOrg(name, input, error);
      if (org === null || this.#declined.has(org.orgId) || !(await this.ask(org))) throw error;
    }
    return this.#inner.call(name, input, options);
  }

  /** Whose session it is that ended; null if that is not what happened, or is asked for at its own place. */
  async #endedOrg(name: ProcedureName, input: unknown, error: unknown): Promise<OrgSummary | null> {
    if (!(error instanceof CallFailed) || error.failure.code !== 'ORG_SESSION_EXPIRED') return null;
    if (/^orgs\.(?!objects$|describe$)/.test(name)) return null;
    const { username } = error.failure;
    const orgs = await this.#inner.call('orgs.list', {});
    const orgId = typeof input === 'object' && input !== null && 'orgId' in input ? input.orgId : null;
    return orgs.find((org) => (orgId === null ? org.username === username : org.orgId === orgId)) ?? null;
  }
}
