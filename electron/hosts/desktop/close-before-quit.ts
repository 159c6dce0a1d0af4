import { app, powerMonitor, type BrowserWindow } from 'electron';
import type { Backend } from '../../backend/create-backend.ts';
import type { Log } from '../../backend/ports.ts';
import type { SettingsFile } from '../node-ports/settings-file.ts';
import type { PracticeOrgProcess } from './practice-org-process.ts';

interface Parts {
  readonly backend: Backend;
  readonly practiceOrg: PracticeOrgProcess;
  readonly settings: SettingsFile;
  readonly log: Log;
}

/**
 * Holds the end of the app until everything has let go: loads stand where their journals say and can be resumed. `quit` closes
 * the windows first, which leave their places in the settings, and may be called off by one; the end of the system's session
 * asks nobody ("app", `will-quit`; "powerMonitor", `shutdown`).
 */
export class Ending {
  readonly #parts: Parts;
  #closed: Promise<void> | null = null;
  #done = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    app.on('will-quit', (event) => {
      if (this.#done) return;
      event.preventDefault();
      void this.#close().then(() => app.quit());
    });
    powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
      // Delays the shutdown; the types leave the event out.
      event?.preventDefault();
      this.#parts.log.info('the system ends');
      void this.#close().then(() => app.exit(0));
    });
  }

  /** On Windows only a window is told that the session ends, and not for long ("BrowserWindow", `session-end`). */
  watch(window: BrowserWindow): void {
    window.on('session-end', () => {
      this.#parts.log.info('the session ends');
      void this.#close().then(() => app.exit(0));
    });
  }

  /** Once, however often it is asked for. */
  #close(): Promise<void> {
    this.#closed ??= closeAll(this.#parts).then(() => {
      this.#done = true;
    });
    return this.#closed;
  }
}

async function closeAll({ backend, practiceOrg, settings, log }: Parts): Promise<void> {
  await backend.close().catch((error: unknown) => log.error('the backend did not close', error));
  await practiceOrg.stop();
  await settings.flush();
}
