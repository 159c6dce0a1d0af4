import Conf from 'conf';
import type { SettingsStore } from '../../backend/ports.ts';

/** Settings as a JSON file in the data folder, written whole. electron-store is the same thing on the desktop. */
export function settingsFile(folder: string): SettingsStore {
  const conf = new Conf<Record<string, unknown>>({
    cwd: folder,
    configName: 'settings',
    projectName: 'longshore',
    accessPropertiesByDotNotation: false,
  });
  return { get: (key) => conf.get(key), set: (key, value) => conf.set(key, value) };
}
