import { dialog, type BrowserWindow } from 'electron';
import type { Clock, Log } from '../../backend/ports.ts';
import { PAGE_GONE_AGAIN, PAGE_UNRESPONSIVE } from '../../../shared/text/page-text.ts';

/** A page that is gone this often within a minute would be gone again at once: then the person is asked. */
const OFTEN = 3;
const MINUTE = 60_000;
const RELOAD = 1;

interface Tools {
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Loads the page anew when its process is gone, and offers to when it no longer answers. Loads and everything else live in
 * other processes and go on ("webContents", `render-process-gone`, `unresponsive`).
 */
export function recoverPage(window: BrowserWindow, { log, clock }: Tools): void {
  const contents = window.webContents;
  let gone: number[] = [];
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error('the window’s process is gone', new Error(reason), { exitCode });
    if (reason === 'clean-exit') return;
    gone = [...gone.filter((at) => clock.elapsed() - at < MINUTE), clock.elapsed()];
    const often = gone.length >= OFTEN;
    // Not while Electron is still telling of the old process.
    setImmediate(() => void (often ? askFirst() : Promise.resolve(reload())).catch(untold));
  });
  const reload = (): void => {
    if (window.isDestroyed()) return;
    contents.reload();
    log.info('the window was loaded anew');
  };
  const untold = (error: unknown): void => log.error('the window could not be asked about', error);
  const askFirst = async (): Promise<void> => {
    if (window.isDestroyed()) return;
    const { response } = await dialog.showMessageBox(window, { type: 'error', ...PAGE_GONE_AGAIN, noLink: true });
    gone = [];
    if (response === RELOAD) reload();
    else window.close();
  };
  offerReload(window, { log, untold });
}

/** While the page does not answer there is a question, which goes away by itself if it does again. */
function offerReload(window: BrowserWindow, { log, untold }: { log: Log; untold: (error: unknown) => void }): void {
  let asking: AbortController | null = null;
  const ask = async (): Promise<void> => {
    if (asking !== null) return;
    const { signal } = (asking = new AbortController());
    try {
      const { response } = await dialog.showMessageBox(window, {
        type: 'warning',
        ...PAGE_UNRESPONSIVE,
        noLink: true,
        signal,
      });
      // Its process is ended, and what comes after a process that is gone does the rest.
      if (response === RELOAD && !signal.aborted && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
    } finally {
      asking = null;
    }
  };
  window.webContents.on('unresponsive', () => {
    log.info('the window does not answer');
    void ask().catch(untold);
  });
  window.webContents.on('responsive', () => {
    log.info('the window answers again');
    asking?.abort();
  });
}
