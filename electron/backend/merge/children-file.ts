import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { diskFailure, systemCode } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';

const NAME = 'children.jsonl';

/** A child's lookup as it was just before its parent was merged. */
export const ChildFact = z.object({
  group: z.number(),
  objectName: z.string(),
  field: z.string(),
  id: z.string(),
  from: z.string(),
});
export type ChildFact = z.infer<typeof ChildFact>;

/** On disk when this returns. Throws `DISK_FULL`, `DISK_REFUSED`. */
export async function appendChildren(folder: string, children: readonly ChildFact[]): Promise<void> {
  if (children.length === 0) return;
  try {
    const file = await open(join(folder, NAME), 'a', 0o600);
    try {
      // A line that a kill tore off must not run into the next one; an empty line is none.
      await file.appendFile(`\n${children.map((child) => JSON.stringify(child)).join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskFailure(error, 'the children of the merged records');
  }
}

/**
 * The children of some groups, each lookup as it was noted first: noted again after a kill, some had moved. A line that was torn off by
 * a kill was noted again before anything was sent.
 */
export async function childrenOfGroups(folder: string, groups: ReadonlySet<number>): Promise<ChildFact[]> {
  const found = new Map<string, ChildFact>();
  try {
    const lines = createInterface({ input: createReadStream(join(folder, NAME)), crlfDelay: Infinity });
    for await (const line of lines) {
      const child = ChildFact.safeParse(parseJson(line));
      if (!child.success || !groups.has(child.data.group)) continue;
      const { objectName, field, id, from } = child.data;
      const key = `${objectName} ${field} ${id} ${from}`;
      if (!found.has(key)) found.set(key, child.data);
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return [...found.values()];
}
