import { app, shell } from 'electron';
import { join } from 'node:path';
import { createBackend } from '../../backend/create-backend.ts';
import type { Log } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openLog } from '../node-ports/log-file.ts';
import { clock, environmentSession, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
import { APP_ORIGIN, serveRenderer } from './app-protocol.ts';
import { closeBeforeQuit } from './close-before-quit.ts';
import { fileChooser, fileSaver } from './file-dialogs.ts';
import { exposeBackend } from './ipc.ts';
import { openMainWindow } from './main-window.ts';
import { openSafeStorageVault } from './safe-storage-vault.ts';
import { openSettings } from './settings.ts';
import { systemProxy } from './system-proxy.ts';
import { tellAndEnd } from './tell-and-end.ts';
import { keepUpToDate } from './updates.ts';
import { startPracticeOrg, spawnStaging } from './utility-processes.ts';

interface Place {
  readonly data: string;
  readonly log: Log;
  readonly notices: HostNotices;
}

/** Everything that needs Electron to be ready. Never rejects: without its parts there is no app, and a dialog says why. */
export async function start(): Promise<void> {
  const data = join(app.getPath('userData'), 'data');
  // The window shows these when it asks.
  const notices = new HostNotices(() => undefined);
  const made = makeDataFolder(data);
  // The log lies in it, or elsewhere if it was not made.
  await made.catch(() => undefined);
  const log = openLog(data, notices);
  watchUnexpected(log, random, tellAndEnd);
  try {
    await made;
    await openApp({ data, log, notices });
  } catch (error) {
    tellAndEnd(
      error instanceof FailureError ? error.failure : incident(log, random, 'the app could not be started', error),
    );
  }
}

/** One backend, one window, everything else refused. */
async function openApp({ data, log, notices }: Place): Promise<void> {
  const settings = await openSettings({ log, notices });
  const { vault, kind } = openSafeStorageVault(settings);
  const backend = createBackend({
    info: { version: app.getVersion(), host: 'desktop', secretStore: kind },
    notices: () => notices.all(),
    paths: { data },
    clock,
    random,
    log,
    fileChooser,
    fileSaver,
    secrets: vault,
    settings,
    openExternal: (url) => shell.openExternal(url),
    systemProxy,
    spawnStaging,
    practiceOrg: { start: () => startPracticeOrg(join(data, 'practice-org')) },
    environmentSession: environmentSession(undefined),
  });
  closeBeforeQuit({ backend, settings, log });
  serveRenderer();
  exposeBackend(backend, (error) => incident(log, random, 'files were not handed over', error));
  await openMainWindow(settings, `${APP_ORIGIN}/`);
  keepUpToDate({ backend, settings, log });
}
