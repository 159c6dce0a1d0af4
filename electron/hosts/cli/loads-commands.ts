import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { bytesText } from '../../../shared/text/bytes-text.ts';
import { plural } from '../../../shared/text/counts.ts';
import { durationText } from '../../../shared/text/duration-text.ts';
import { loadStateText } from '../../../shared/text/load-state-text.ts';
import { loadTitle } from '../../../shared/text/load-title.ts';
import type { BackendCaller } from './backend-caller.ts';
import { find, type WhichLoad } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';

/** Every load there was, the newest first. */
export async function listLoads(caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const loads = await caller.call('load.list', {});
  const bytes = new Map((await caller.call('history.storage', {})).map((one) => [one.loadId, one.bytes]));
  const sizeOf = ({ loadId }: LoadSnapshot) => bytes.get(loadId) ?? 0;
  for (const load of loads) {
    const { word, rows } = loadStateText(load);
    const facts = [
      new Date(load.startedAt).toISOString(),
      durationText(load.elapsed),
      plural(load.apiCalls, 'API call'),
      bytesText(sizeOf(load)),
    ];
    output.line(`${load.loadId}  ${word}: ${loadTitle(load)} in ${load.orgName}, from ${load.fileName}`);
    output.line(`  ${rows}; ${facts.join(', ')}`);
  }
  if (loads.length === 0) output.line('There are no loads.');
  return { code: EXIT.ok, result: loads.map((load) => ({ ...load, bytes: sizeOf(load) })) };
}

export interface PackFlags {
  /** Leaves out the rows and the result files. */
  readonly rows: boolean;
}

/** Writes a finished load into one ZIP. */
export async function packLoad(caller: BackendCaller, flags: WhichLoad & PackFlags, output: Output): Promise<Ending> {
  const { loadId } = await find(caller, flags, output);
  const saved = await caller.call('history.pack', { loadId, withRows: flags.rows });
  if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  return { code: EXIT.ok, result: { loadId, file: saved.kind === 'saved' ? saved.fileName : null } };
}

/** Removes a finished load with its report and its files. */
export async function removeLoad(caller: BackendCaller, flags: WhichLoad, output: Output): Promise<Ending> {
  const { loadId, fileName } = await find(caller, flags, output);
  await caller.call('history.remove', { loadId });
  output.line(`Removed ${loadId} of ${fileName}. The org stays as it is; this load can’t be undone any more.`);
  return { code: EXIT.ok, result: { loadId } };
}
