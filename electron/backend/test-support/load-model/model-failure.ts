/** A promise of the load that a sequence of events broke. `promise` names it; the facts are for whoever mends it. */
export class ModelFailure extends Error {
  readonly promise: string;
  readonly facts: unknown;

  constructor(promise: string, facts: unknown) {
    super(`${promise}\n${JSON.stringify(facts, null, 1)?.slice(0, 6000) ?? ''}`);
    this.name = 'ModelFailure';
    this.promise = promise;
    this.facts = facts;
  }
}

export function must(holds: boolean, promise: string, facts: unknown): asserts holds {
  if (!holds) throw new ModelFailure(promise, facts);
}
