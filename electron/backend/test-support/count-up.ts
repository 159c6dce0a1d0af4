import { z } from 'zod';
import { DocumentStore } from '../documents/document-store.ts';

/** Documents that count; of version 1 they did so under another name. */
export const COUNTED = {
  kind: 'counted',
  what: 'a count',
  version: 2,
  schema: z.object({ count: z.number() }),
  upgrades: { 1: (value: unknown) => ({ count: z.object({ times: z.number() }).parse(value).times }) },
};

/** Counts one document up, one by one. */
export async function countUp(folder: string, times: number): Promise<void> {
  const store = new DocumentStore({ ...COUNTED, folder });
  const { signal } = new AbortController();
  for (let time = 0; time < times; time++)
    await store.change('shared', signal, (current) => ({ count: (current?.count ?? 0) + 1 }));
}

// As a process of its own.
const [, main, folder, times] = process.argv;
if (main?.endsWith('count-up.ts') && folder !== undefined) await countUp(folder, Number(times));
