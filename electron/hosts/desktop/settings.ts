import Store from 'electron-store';
import { join } from 'node:path';
import type { Log } from '../../backend/ports.ts';
import type { HostNotices } from '../node-ports/host-notices.ts';
import { SettingsFile } from '../node-ports/settings-file.ts';

/**
 * The settings that all hosts share, in the data folder; written by electron-store, under the lock and with the merging of
 * SettingsFile. What is secret comes here only after the operating system encrypted it.
 */
export function openSettings(data: string, tools: { log: Log; notices: HostNotices }): Promise<SettingsFile> {
  let store: Store<Record<string, unknown>> | null = null;
  return SettingsFile.open({
    ...tools,
    path: join(data, 'settings.json'),
    write: (values) => {
      // Made late: on a file that is no JSON it throws.
      store ??= new Store<Record<string, unknown>>({
        cwd: data,
        name: 'settings',
        accessPropertiesByDotNotation: false,
        configFileMode: 0o600,
      });
      store.store = values;
    },
  });
}
