import { app } from 'electron';
import { join } from 'node:path';
import { createBackend } from '../../backend/create-backend.ts';
import type { Log } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openLog } from '../node-ports/log-file.ts';
import { moveOldData } from '../node-ports/move-data.ts';
import { officialCli } from '../node-ports/official-cli.ts';
import { clock, environmentSession, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
import { APP_ORIGIN, serveRenderer } from './app-protocol.ts';
import { readHomepage } from './about.ts';
import { Ending } from './close-before-quit.ts';
import { openDesktopVault } from './desktop-vault.ts';
import { fileChooser, fileSaver } from './file-dialogs.ts';
import { exposeBackend } from './ipc.ts';
import { openMainWindow } from './main-window.ts';
import { openOutside } from './open-outside.ts';
import { openDesk } from './open-desk.ts';
import type { OutsideFiles } from './outside-files.ts';
import { SavedFiles } from './saved-files.ts';
import { openSettings } from './settings.ts';
import { recoverPage } from './page-recovery.ts';
import { refusePermissions } from './page-guard.ts';
import { PracticeOrgProcess } from './practice-org-process.ts';
import { showNotice } from './show-notice.ts';
import { showFolder } from './show-folder.ts';
import { systemProxy } from './system-proxy.ts';
import { tellAndEnd } from './tell-and-end.ts';
import { keepUpToDate } from './updates.ts';
import { stagingSpawner } from './utility-processes.ts';

interface Place {
  readonly data: string;
  /** Whether it is the person's own, and not one that was asked for. */
  readonly isOwn: boolean;
  readonly log: Log;
  readonly notices: HostNotices;
  /** That the system asks to be opened. */
  readonly files: OutsideFiles;
}

/** Everything that needs Electron to be ready. Never rejects: without its parts there is no app, and a dialog says why. */
export async function start(files: OutsideFiles, { data, isOwn }: Pick<Place, 'data' | 'isOwn'>): Promise<void> {
  // The window shows these when it asks.
  const notices = new HostNotices(() => undefined);
  const made = makeDataFolder(data);
  // The log lies in it, or elsewhere if it was not made.
  await made.catch(() => undefined);
  const log = openLog(data, notices);
  watchUnexpected(log, random, tellAndEnd);
  try {
    await made;
    await openApp({ data, isOwn, log, notices, files });
  } catch (error) {
    tellAndEnd(
      error instanceof FailureError ? error.failure : incident(log, random, 'the app could not be started', error),
    );
  }
}

/** One backend, one window, everything else refused. */
async function openApp({ data, isOwn, log, notices, files }: Place): Promise<void> {
  const settings = await openSettings(data, { log, notices });
  // Where this app kept everything before it shared a folder with the other hosts.
  const before = app.getPath('userData');
  const settingsFrom = join(before, 'settings.json');
  if (isOwn) await moveOldData({ from: join(before, 'data'), settingsFrom, to: data, settings, log, notices });
  const secrets = await openDesktopVault(settings, notices);
  const practiceOrg = new PracticeOrgProcess(join(data, 'practice-org'), log);
  const saved = new SavedFiles(random);
  const backend = createBackend({
    info: () => ({ version: app.getVersion(), host: 'desktop', secretStore: secrets.store() }),
    notices: () => notices.all(),
    paths: { data },
    clock,
    random,
    log,
    fileChooser: fileChooser(files),
    fileSaver: fileSaver(saved),
    secrets: secrets.vault,
    settings,
    openExternal: openOutside,
    showFolder,
    notify: showNotice,
    systemProxy,
    spawnStaging: stagingSpawner(log),
    practiceOrg,
    environmentSession: environmentSession(undefined),
    officialCli: officialCli(),
  });
  const ending = new Ending({ backend, practiceOrg, settings, log });
  refusePermissions();
  serveRenderer();
  const desk = openDesk({ backend, log, random, saved, files, homepage: readHomepage() });
  const exposed = exposeBackend(desk, (error) => incident(log, random, 'files were not handed over', error));
  const window = openMainWindow(settings);
  ending.watch(window);
  recoverPage(window, { log, clock });
  // The calls of a page end with it.
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) exposed.abandonCalls();
  });
  await window.loadURL(`${APP_ORIGIN}/`).catch((error: unknown) => {
    // Closed before it was there: that is no failure.
    if (!window.isDestroyed()) throw error;
  });
  backend.startSchedules();
  keepUpToDate({ backend, settings, log });
}
