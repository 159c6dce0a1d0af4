import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { FILE_OUTCOMES } from '../../../shared/domain/row-groups.ts';
import type { AppSettings } from '../../../shared/domain/settings.ts';
import { MARKED_UTF8 } from '../../../shared/domain/source-file.ts';
import type { HandlersOf } from '../dispatch.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { BACKUP_NAME } from '../load/back-up.ts';
import type { LoadRegistry } from '../load/load-registry.ts';
import { countRetried } from '../load/second-step.ts';
import type { BackendPorts } from '../ports.ts';
import { baseName } from '../source/base-name.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { errorGroups, outcomePage } from './outcomes.ts';
import { reportPageHtml } from './report-page-html.ts';
import { writeReport } from './write-report.ts';

/** Failed rows that a page shows: the error file has them all. */
const ROWS_ON_PAGE = 200;

interface ReportTools {
  readonly ports: Pick<BackendPorts, 'fileSaver'>;
  readonly staging: StagingClient;
  readonly loads: Pick<LoadRegistry, 'load'>;
  readonly sources: Pick<SourceRegistry, 'handOver'>;
  /** What result files are written in, as it is set now. */
  readonly resultFiles: () => AppSettings['resultFiles'];
}

/** What became of each row. */
export function reportProcedures({ ports, staging, loads, sources, resultFiles }: ReportTools): HandlersOf<'report'> {
  return {
    'report.get': async ({ loadId }) => {
      const { snapshot, stored } = await loads.load(loadId);
      const finished = snapshot.state.kind === 'finished';
      return {
        load: snapshot,
        errorGroups: finished ? await errorGroups(staging, stored) : [],
        retriable: finished && snapshot.counts.incomplete > 0 ? await countRetried(staging, stored) : 0,
      };
    },
    'report.page': async ({ loadId, kinds, reason, offset, limit }) =>
      outcomePage(staging, (await loads.load(loadId)).stored, { kinds, reason: reason ?? null }, offset, limit),
    'report.save': async ({ loadId, file, spreadsheetSafe }, signal) => {
      const { snapshot, stored, folder } = await loads.load(loadId);
      const writing = resultFiles() === 'utf-8' ? MARKED_UTF8 : stored.writing;
      const { path } = await writeReport(staging, stored, folder, file, { spreadsheetSafe, writing }, signal);
      return ports.fileSaver.save(
        path,
        `${baseName(snapshot.fileName)}-${file}${spreadsheetSafe ? '-spreadsheet' : ''}.csv`,
      );
    },
    'report.savePage': async ({ loadId }) => {
      const { snapshot, stored, folder } = await loads.load(loadId);
      if (snapshot.state.kind !== 'finished') throw new FailureError({ code: 'LOAD_NOT_FINISHED' });
      const page = reportPageHtml({
        load: snapshot,
        errorGroups: await errorGroups(staging, stored),
        failed: await outcomePage(staging, stored, { kinds: FILE_OUTCOMES.error, reason: null }, 0, ROWS_ON_PAGE),
      });
      const path = join(folder, 'report.html');
      await writeFile(path, page, { mode: 0o600 }).catch((error: unknown) => {
        throw diskFailure(error, 'the report as a page');
      });
      return ports.fileSaver.save(path, `${baseName(snapshot.fileName)}-report.html`);
    },
    'report.takeUp': async ({ loadId, file }, signal) => {
      const { snapshot, stored, folder } = await loads.load(loadId);
      if (snapshot.state.kind !== 'finished') throw new FailureError({ code: 'LOAD_NOT_FINISHED' });
      // What is read from here on is not written over by the report being saved once more.
      const into = join(folder, 'taken-up');
      await mkdir(into, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        throw diskFailure(error, 'the rows to load again');
      });
      const writing = stored.writing;
      const { path } = await writeReport(staging, stored, into, file, { spreadsheetSafe: false, writing }, signal);
      return sources.handOver([path], { fileName: `${baseName(snapshot.fileName)}-${file}.csv`, arriving: null });
    },
    'report.saveBackup': async ({ loadId }) => {
      const { snapshot, folder } = await loads.load(loadId);
      const path = join(folder, BACKUP_NAME);
      const isThere = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      );
      if (!snapshot.backup || !isThere)
        throw new FailureError({ code: 'DATA_DAMAGED', what: 'The backup of this load' });
      return ports.fileSaver.save(path, `${baseName(snapshot.fileName)}-backup.csv`);
    },
  };
}
