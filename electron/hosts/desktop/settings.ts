import { app } from 'electron';
import Store from 'electron-store';
import { join } from 'node:path';
import type { Log } from '../../backend/ports.ts';
import type { HostNotices } from '../node-ports/host-notices.ts';
import { SettingsFile } from '../node-ports/settings-file.ts';

/** Settings in Electron's own folder. What is secret comes here only after the operating system encrypted it. */
export function openSettings(tools: { log: Log; notices: HostNotices }): Promise<SettingsFile> {
  let store: Store<Record<string, unknown>> | null = null;
  return SettingsFile.open({
    ...tools,
    path: join(app.getPath('userData'), 'settings.json'),
    write: (values) => {
      // Made late: on a file that is no JSON it throws.
      store ??= new Store<Record<string, unknown>>({
        name: 'settings',
        accessPropertiesByDotNotation: false,
        configFileMode: 0o600,
      });
      store.store = values;
    },
  });
}
