import type { ProcedureName } from '../../shared/contract/procedures.ts';
import type { BackendConnection } from './connection.ts';

/** A call that takes longer than this, in milliseconds, shows that it is under way: nothing takes 200 ms without a sign of life. */
const SIGN_AFTER = 120;

/** These wait for a person, in a dialog or a browser, which is sign enough. */
const WAIT_FOR_A_PERSON: ReadonlySet<ProcedureName> = new Set<ProcedureName>([
  'orgs.signIn',
  'orgs.signInAgain',
  'source.choose',
  'source.save',
  'mapping.readFile',
  'mapping.writeFile',
  'checks.saveProblemRows',
  'plan.saveProblemRows',
  'plan.export',
  'report.save',
  'export.query',
]);

/** Whether any call to the backend takes a while just now. */
export class Activity {
  readonly #listeners = new Set<() => void>();
  #slow = 0;

  readonly isShown = (): boolean => this.#slow > 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same connection, its calls watched. */
  watch(connection: BackendConnection): BackendConnection {
    return {
      ...connection,
      call: async (name, input, options) => {
        if (WAIT_FOR_A_PERSON.has(name)) return connection.call(name, input, options);
        const end = this.#begin();
        try {
          return await connection.call(name, input, options);
        } finally {
          end();
        }
      },
    };
  }

  #begin(): () => void {
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      this.#change(1);
    }, SIGN_AFTER);
    return () => {
      clearTimeout(timer);
      if (isSlow) this.#change(-1);
    };
  }

  #change(by: 1 | -1): void {
    this.#slow += by;
    for (const listener of [...this.#listeners]) listener();
  }
}
