import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { writeDurably } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import { StoredPlan } from './stored-plan.ts';

const NAME = 'plan.json';
const VERSION = 1;

const PlanDocument = z.object({ version: z.literal(VERSION), stored: StoredPlan });

export function savePlan(folder: string, stored: StoredPlan): Promise<void> {
  return writeDurably(join(folder, NAME), JSON.stringify({ version: VERSION, stored }), 'the load’s plan');
}

export function dropPlanDocument(folder: string): Promise<void> {
  return rm(join(folder, NAME), { force: true });
}

/** Throws `DATA_DAMAGED`. */
export async function readPlan(folder: string): Promise<StoredPlan> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => '');
  const document = PlanDocument.safeParse(parseJson(text));
  if (!document.success) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The plan of this load' });
  return document.data.stored;
}
