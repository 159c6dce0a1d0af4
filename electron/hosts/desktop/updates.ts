import { app, BrowserWindow, dialog } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { updateText } from '../../../shared/text/update-text.ts';
import type { Backend } from '../../backend/create-backend.ts';
import type { Log, SettingsStore } from '../../backend/ports.ts';
import { clock } from '../node-ports/system.ts';
import { UpdateCycle } from './update-cycle.ts';

/** Milliseconds that macOS has to take an update over when the app quits. */
const LONGEST_WAIT = 30_000;

/**
 * Keeps a packed app up to date that was built with a feed (docs/releasing.md); any other is left alone. Returns at once.
 * electron-builder writes the feed’s address beside the archive.
 */
export function keepUpToDate(parts: { backend: Backend; settings: SettingsStore; log: Log }): void {
  if (!app.isPackaged || !existsSync(join(process.resourcesPath, 'app-update.yml'))) return;
  void begin(parts).catch((error: unknown) => parts.log.error('updates are not looked for', error));
}

async function begin({ backend, settings, log }: Parameters<typeof keepUpToDate>[0]): Promise<void> {
  const running = new Set<string>();
  backend.subscribe((event) => {
    if (event.topic !== 'load') return;
    const { kind } = event.load.state;
    if (kind === 'running' || kind === 'cancelling') running.add(event.load.loadId);
    else running.delete(event.load.loadId);
  });
  // Read only where it is needed, after the window: it takes 0.3 s.
  const { autoUpdater: updater, CancellationToken } = await import('electron-updater');
  const cycle = new UpdateCycle({
    updater,
    newToken: () => new CancellationToken(),
    settings,
    log,
    clock,
    loadRuns: () => running.size > 0,
    ask,
    platform: process.platform,
  });
  const end = new AbortController();
  let quitting = false;
  // Ours go to the log; without a listener they would end the app.
  updater.logger = null;
  updater.on('error', (error) => {
    log.error('an update failed', error);
    if (quitting) app.quit();
  });
  app.on('before-quit', (event) => {
    if (quitting || cycle.beforeQuit() === 'go on') return;
    quitting = true;
    event.preventDefault();
    // Whoever quits gets away, with or without the update.
    void clock.sleep(LONGEST_WAIT, end.signal).then(
      () => app.quit(),
      () => undefined,
    );
  });
  app.on('will-quit', () => end.abort());
  await cycle.run(end.signal);
}

async function ask(version: string): Promise<boolean> {
  const { title, detail, yes, no } = updateText(app.getVersion(), version);
  const question = { type: 'info' as const, message: title, detail, buttons: [yes, no], defaultId: 1, cancelId: 1 };
  const [window] = BrowserWindow.getAllWindows();
  const { response } = await (window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question));
  return response === 0;
}
