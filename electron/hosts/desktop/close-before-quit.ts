import { app } from 'electron';
import type { Backend } from '../../backend/create-backend.ts';
import type { Log } from '../../backend/ports.ts';
import type { SettingsFile } from '../node-ports/settings-file.ts';

/**
 * Holds the end of the app until the backend has let go of everything: loads stand where their journals say and can be
 * resumed. Called off by nothing; the windows have left their places in the settings by then.
 */
export function closeBeforeQuit(parts: { backend: Backend; settings: SettingsFile; log: Log }): void {
  let closing: 'no' | 'under way' | 'done' = 'no';
  app.on('will-quit', (event) => {
    if (closing === 'done') return;
    event.preventDefault();
    // Whoever asks again while it lasts waits for the same end.
    if (closing === 'under way') return;
    closing = 'under way';
    void close(parts).then(() => {
      closing = 'done';
      app.quit();
    });
  });
}

async function close({ backend, settings, log }: Parameters<typeof closeBeforeQuit>[0]): Promise<void> {
  await backend.close().catch((error: unknown) => log.error('the backend did not close', error));
  await settings.flush();
}
