import { z } from 'zod';
import { FaultAction } from './fault-actions.ts';

/**
 * Faults a test or a trainer asks for. A rule meets requests by method and path pattern; it strikes on its `nth` match
 * (1 is the next) and on the `times - 1` after it, or on every `every`-th match for ever: `every: 1` strikes all of them.
 */
export const FaultRule = z.object({
  method: z.string().optional(),
  /** Part of the path, or a regular expression between slashes. */
  path: z.string(),
  nth: z.number().int().positive().default(1),
  times: z.number().int().positive().default(1),
  every: z.number().int().positive().optional(),
  action: FaultAction,
});
export type FaultRule = z.infer<typeof FaultRule>;

export class FaultPlan {
  #rules: { rule: FaultRule; meets: (path: string) => boolean; seen: number; struck: number }[] = [];

  /** Throws a SyntaxError for a path that is not a regular expression. */
  set(rules: FaultRule[]): void {
    this.#rules = rules.map((rule) => {
      const pattern = /^\/(.*)\/$/.exec(rule.path)?.[1];
      // A fault plan comes from a test or a trainer over loopback, not from a stranger.
      // eslint-disable-next-line security/detect-non-literal-regexp -- see above
      const compiled = pattern === undefined ? null : new RegExp(pattern);
      return { rule, meets: (path) => (compiled ? compiled.test(path) : path.includes(rule.path)), seen: 0, struck: 0 };
    });
  }

  /** The rules in force with how often each met a request and struck. */
  list(): { rule: FaultRule; seen: number; struck: number }[] {
    return this.#rules.map(({ rule, seen, struck }) => ({ rule, seen, struck }));
  }

  /** The actions that strike this request. */
  strike(method: string, path: string): Strikes {
    const actions: FaultAction[] = [];
    for (const entry of this.#rules) {
      const { rule } = entry;
      if ((rule.method !== undefined && rule.method !== method) || !entry.meets(path)) continue;
      entry.seen++;
      const strikes =
        rule.every === undefined ? entry.seen >= rule.nth && entry.struck < rule.times : entry.seen % rule.every === 0;
      if (strikes) {
        entry.struck++;
        actions.push(rule.action);
      }
    }
    return new Strikes(actions);
  }
}

/** The faults that strike one request, by kind. */
export class Strikes {
  readonly #actions: readonly FaultAction[];

  constructor(actions: readonly FaultAction[]) {
    this.#actions = actions;
  }

  find<K extends FaultAction['kind']>(kind: K): Extract<FaultAction, { kind: K }> | null {
    return (
      (this.#actions.find((action) => action.kind === kind) as Extract<FaultAction, { kind: K }> | undefined) ?? null
    );
  }

  has<K extends FaultAction['kind']>(kind: K, test: (action: Extract<FaultAction, { kind: K }>) => boolean): boolean {
    return this.#actions.some((action) => action.kind === kind && test(action as Extract<FaultAction, { kind: K }>));
  }
}
