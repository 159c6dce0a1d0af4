import { z } from 'zod';
import { FailureError, type Answer, type Failure } from '../../shared/contract/failure.ts';
import {
  isProcedureName,
  procedures,
  type Input,
  type Output,
  type ProcedureName,
} from '../../shared/contract/procedures.ts';
import type { Log, RandomSource } from './ports.ts';

export type Handlers = { [P in ProcedureName]: (input: Input<P>, signal: AbortSignal) => Promise<Output<P>> };

/** The handlers of one part of the contract: those whose names begin with `Domain` and a point. */
export type HandlersOf<Domain extends string> = Pick<Handlers, Extract<ProcedureName, `${Domain}.${string}`>>;

/**
 * The one way in, whatever the transport: validates the input, runs the handler, validates the output, and turns what
 * was thrown into a failure. Anything unexpected is logged whole and crosses as an incident number only.
 */
export async function dispatch(
  handlers: Handlers,
  tools: { log: Log; random: RandomSource },
  name: string,
  input: unknown,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  if (!isProcedureName(name))
    return refuse({ code: 'BAD_REQUEST', where: name.slice(0, 60), problem: 'no such procedure' });
  const schema = procedures[name];
  const parsed = schema.input.safeParse(input);
  if (!parsed.success)
    return refuse({ code: 'BAD_REQUEST', where: name, problem: z.prettifyError(parsed.error).slice(0, 500) });
  try {
    const handler = handlers[name] as (input: unknown, signal: AbortSignal) => Promise<unknown>;
    const value = schema.output.parse(await handler(parsed.data, signal));
    return { ok: true, value };
  } catch (error) {
    if (error instanceof FailureError) return refuse(error.failure);
    if (signal.aborted) return refuse({ code: 'CANCELLED' });
    const incidentId = tools.random.token(8);
    tools.log.error(`bug in ${name}`, error, { incidentId });
    return refuse({ code: 'BUG', incidentId, log: tools.log.place });
  }
}

function refuse(failure: Failure): Answer<never> {
  return { ok: false, failure };
}
