import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Damage } from './faults.ts';

/** What a load with a damaged folder may do: go on as if nothing were, refuse to, either of the two, or be unknown. */
export type AfterDamage = 'right' | 'refused' | 'either' | 'lost';

/** Damages a load's folder that no process has open. `where` is a place in what is damaged, in thousandths. */
export async function damageFolder(folder: string, damage: Damage, where: number): Promise<AfterDamage> {
  const journal = join(folder, 'journal.jsonl');
  const text = await readFile(journal, 'utf8').catch(() => '');
  // A load that has ended has no more use for its journal.
  const ended = text.includes('"step":"FINISHED"');
  switch (damage) {
    case 'journal-torn': {
      const last = text.trimEnd().split('\n').at(-1) ?? '';
      if (last === '') return 'right';
      await appendFile(journal, last.slice(0, 1 + Math.floor((last.length * where) / 1001)));
      return 'right';
    }
    case 'journal-flipped': {
      const lastLine = text.trimEnd().lastIndexOf('\n');
      if (lastLine < 1) return 'right';
      const bytes = Buffer.from(text);
      let at = Math.floor((lastLine * where) / 1000);
      if (bytes[at] === 0x0a) at--;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(journal, bytes);
      return ended ? 'either' : 'refused';
    }
    case 'journal-cut':
      if (text === '') return 'right';
      await truncate(journal, Math.floor((Buffer.byteLength(text) * where) / 1000));
      return 'either';
    case 'journal-gone':
      if (text === '') return 'right';
      await rm(journal);
      return ended ? 'either' : 'refused';
    case 'manifest-garbage':
      await writeFile(join(folder, 'load.json'), '{"snapshot":{"loadId":');
      return 'lost';
    case 'manifest-gone':
      await rm(join(folder, 'load.json'), { force: true });
      return 'lost';
    case 'database-flipped':
      return (await flipFile(join(folder, 'plan.duckdb'), where)) ? 'either' : 'right';
    case 'database-gone':
      await rm(join(folder, 'plan.duckdb'), { force: true });
      return 'either';
    case 'results-flipped':
    case 'results-gone': {
      const files = (await readdir(folder)).filter((name) => /^part-\d+-\w+\.csv$/.test(name));
      const chosen = files[where % Math.max(1, files.length)];
      if (chosen === undefined) return 'right';
      if (damage === 'results-gone') await rm(join(folder, chosen));
      else await flipFile(join(folder, chosen), where);
      return 'right';
    }
    case 'part-flipped':
    case 'part-gone': {
      const part = join(folder, 'part-1.csv');
      if (damage === 'part-gone') await rm(part, { force: true });
      else await flipFile(part, where);
      return 'either';
    }
  }
}

/** Inverts a bit in each of sixteen bytes; false where there is nothing to. */
async function flipFile(path: string, where: number): Promise<boolean> {
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size === 0) return false;
  const bytes = await readFile(path);
  const first = Math.floor((size * where) / 1000);
  for (let at = first; at < Math.min(size, first + 16); at++) bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
  return true;
}
