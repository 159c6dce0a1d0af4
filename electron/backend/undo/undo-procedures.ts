import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import { removes, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { UndoWhat } from '../../../shared/domain/undo.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import type { HandlersOf } from '../dispatch.ts';
import { diskFailure } from '../documents/durable-file.ts';
import type { LoadRegistry } from '../load/load-registry.ts';
import type { OpenedLoad } from '../load/opened-load.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import { baseName } from '../source/base-name.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { quoteName } from '../tables/quote.ts';
import {
  changedColumns,
  idHeader,
  recreateHeader,
  recreateMapping,
  removeMapping,
  setBackHeader,
  setBackMapping,
  undeleteMapping,
} from './undo-columns.ts';
import { countUndo, selectUndo } from './undo-rows.ts';
import { withDeleted } from './with-deleted.ts';

interface UndoTools {
  readonly ports: Pick<BackendPorts, 'clock'>;
  readonly loads: Pick<LoadRegistry, 'load'>;
  readonly orgs: Pick<OrgDirectory, 'client'>;
  readonly sources: Pick<SourceRegistry, 'handOver'>;
  readonly staging: StagingClient;
}

const ORDER = ['set-back', 'remove', 'undelete', 'recreate'] as const satisfies readonly UndoWhat[];
const FILE: Readonly<Record<UndoWhat, string>> = {
  'set-back': 'set back',
  remove: 'delete what was created',
  undelete: 'bring back',
  recreate: 'create again',
};

/** How the file of a step is written, so that nothing of it has to be found out. */
const AS_WRITTEN = { delimiter: ',', encoding: 'utf-8', headerRow: 1 } as const;

/** Taking back what a load did, by loads whose files are made of its plan and its outcomes. */
export function undoProcedures(tools: UndoTools): HandlersOf<'undo'> {
  const { loads, staging } = tools;
  // Where deleted records are is written into the load's own database while it is asked for.
  const turns = new OneAtATime();
  return {
    'undo.offer': async ({ loadId }, signal) => {
      const load = await finishedLoad(loads, loadId);
      const { orgId, operation, backup } = load.snapshot;
      const { steps, notUndone } = await turns.run(loadId, signal, () =>
        withDeleted(tools, load, signal, () =>
          countUndo(staging.until(signal), load.stored, {
            deletes: removes(operation),
            hasBackup: backup !== undefined,
          }),
        ),
      );
      return {
        loadId,
        orgId,
        operation,
        steps: ORDER.map((what) => ({ what, rows: steps[what] })).filter(({ rows }) => rows > 0),
        notUndone,
      };
    },
    'undo.prepare': async ({ loadId, what }, signal) => {
      const load = await finishedLoad(loads, loadId);
      const write = () => writeUndo(tools, load, what, signal);
      const { path, fileName } = await turns.run(loadId, signal, () =>
        what === 'undelete' || what === 'recreate' ? withDeleted(tools, load, signal, write) : write(),
      );
      const sourceId = await tools.sources.handOver([path], { fileName, arriving: null });
      const { orgId } = load.snapshot;
      const mapping = await mappingOf(tools, load, what);
      return { orgId, sourceId, choice: AS_WRITTEN, mapping, names: headerOf(load, what) };
    },
  };
}

function headerOf({ stored }: Pick<OpenedLoad, 'stored'>, what: UndoWhat): string[] {
  switch (what) {
    case 'set-back':
      return setBackHeader(changedColumns(stored));
    case 'remove':
    case 'undelete':
      return idHeader();
    case 'recreate':
      return recreateHeader(stored);
    default:
      return assertNever(what);
  }
}

async function mappingOf(tools: UndoTools, load: OpenedLoad, what: UndoWhat): Promise<FieldMapping> {
  const { loadId, objectName } = load.snapshot;
  switch (what) {
    case 'set-back':
      return setBackMapping(loadId, objectName, changedColumns(load.stored));
    case 'remove':
      return removeMapping(loadId, objectName, await endOf(tools, load));
    case 'undelete':
      return undeleteMapping(loadId, objectName);
    case 'recreate':
      return recreateMapping(loadId, load.stored);
    default:
      return assertNever(what);
  }
}

/** Throws `LOAD_UNKNOWN`, `DATA_DAMAGED`, and `LOAD_NOT_FINISHED` for one whose rows have no outcome yet. */
async function finishedLoad(
  loads: UndoTools['loads'],
  loadId: Parameters<LoadRegistry['load']>[0],
): Promise<OpenedLoad> {
  const load = await loads.load(loadId);
  if (load.snapshot.state.kind !== 'finished') throw new FailureError({ code: 'LOAD_NOT_FINISHED' });
  return load;
}

/** Where the rows of a step lie while they are written: in the engine's memory, or what it spills, and not in the load's own database. */
function putTogether({ plan }: OpenedLoad['stored']): string {
  return `memory.main.${quoteName(`undo_of_${plan.planId}`)}`;
}

async function writeUndo(
  { staging }: UndoTools,
  { snapshot, stored, folder }: OpenedLoad,
  what: UndoWhat,
  signal: AbortSignal,
): Promise<{ path: string; fileName: string }> {
  const isOfDelete = what === 'undelete' || what === 'recreate';
  const isThere =
    (!isOfDelete || removes(snapshot.operation)) && (what !== 'recreate' || snapshot.backup !== undefined);
  const select = isThere ? selectUndo(stored, what) : null;
  if (select === null) throw new FailureError({ code: 'UNDO_EMPTY' });
  const into = join(folder, 'undo');
  await mkdir(into, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskFailure(error, 'the rows of an undo');
  });
  const path = join(into, `${what}.csv`);
  const table = putTogether(stored);
  try {
    // Rows are written some at a time: joined for each of these anew, a tenth of a million took nine seconds.
    await staging.run(`CREATE OR REPLACE TABLE ${table} AS ${select}`, signal);
    const { rows } = await staging.exportRows(
      {
        sql: `SELECT NULL, * EXCLUDE (row_number) FROM ${table} u WHERE u.row_number > {after} AND u.row_number <= {upTo} ORDER BY u.row_number`,
        lastRow: snapshot.rows,
        lead: 0,
        header: headerOf({ stored }, what),
        path,
        delimiter: ',',
        writing: { encoding: 'utf-8', mark: false },
        spreadsheetSafe: false,
      },
      signal,
    );
    if (rows === 0) throw new FailureError({ code: 'UNDO_EMPTY' });
  } finally {
    await staging.run(`DROP TABLE IF EXISTS ${table}`);
  }
  return { path, fileName: `${baseName(snapshot.fileName)}, ${FILE[what]}.csv` };
}

/** When the load ended by the org's clock, to the second after: what it wrote itself was not changed since. */
async function endOf({ ports, orgs }: UndoTools, { snapshot }: OpenedLoad): Promise<number> {
  const ahead = (await orgs.client(snapshot.orgId)).now() - ports.clock.now();
  return Math.ceil(((snapshot.finishedAt ?? ports.clock.now()) + ahead) / 1000 + 1) * 1000;
}
