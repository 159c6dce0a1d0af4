import { z } from 'zod';
import { Failure } from '../../shared/contract/failure.ts';
import { procedures, type Output, type ProcedureName } from '../../shared/contract/procedures.ts';
import { CallFailed } from './connection.ts';

const AnswerShape = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), failure: Failure }),
]);

/** What came over the wire, parsed: the value of a procedure or its failure. */
export function readAnswer<P extends ProcedureName>(name: P, raw: unknown): Output<P> {
  const value = readPlain(raw);
  return procedures[name].output.parse(value) as Output<P>;
}

export function readPlain(raw: unknown): unknown {
  const answer = AnswerShape.safeParse(raw);
  if (!answer.success) throw new CallFailed({ code: 'CONNECTION_LOST' });
  if (!answer.data.ok) throw new CallFailed(answer.data.failure);
  return answer.data.value;
}
