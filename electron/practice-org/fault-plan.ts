import { z } from 'zod';

/**
 * Faults a test or a trainer asks for. A rule meets requests by method and path pattern; it strikes on its `nth` match
 * (1 is the next) and on the `times - 1` after it.
 */
export const FaultRule = z.object({
  method: z.string().optional(),
  /** Part of the path, or a regular expression between slashes. */
  path: z.string(),
  nth: z.number().int().positive().default(1),
  times: z.number().int().positive().default(1),
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('status'), status: z.number(), errorCode: z.string(), message: z.string() }),
    z.object({ kind: z.literal('html'), status: z.number() }),
    /** `before`: the request has no effect. `after`: it takes effect and only the answer is lost. */
    z.object({ kind: z.literal('reset'), when: z.enum(['before', 'after']) }),
    z.object({ kind: z.literal('expire-session') }),
    z.object({ kind: z.literal('revoke-everything') }),
    z.object({ kind: z.literal('truncate-answer') }),
    z.object({ kind: z.literal('lose-bytes'), keep: z.number() }),
    z.object({ kind: z.literal('delay'), milliseconds: z.number() }),
    z.object({ kind: z.literal('fail-job'), message: z.string() }),
  ]),
});
export type FaultRule = z.infer<typeof FaultRule>;

export class FaultPlan {
  #rules: { rule: FaultRule; seen: number; struck: number }[] = [];

  set(rules: FaultRule[]): void {
    this.#rules = rules.map((rule) => ({ rule, seen: 0, struck: 0 }));
  }

  /** The actions that strike this request. */
  strike(method: string, path: string): FaultRule['action'][] {
    const actions: FaultRule['action'][] = [];
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) continue;
      const pattern = /^\/(.*)\/$/.exec(rule.path)?.[1];
      // A fault plan comes from a test over loopback, not from a stranger.
      // eslint-disable-next-line security/detect-non-literal-regexp -- see above
      const meets = pattern === undefined ? path.includes(rule.path) : new RegExp(pattern).test(path);
      if (!meets) continue;
      entry.seen++;
      if (entry.seen >= rule.nth && entry.struck < rule.times) {
        entry.struck++;
        actions.push(rule.action);
      }
    }
    return actions;
  }
}
