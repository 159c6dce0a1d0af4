import Store from 'electron-store';
import type { SettingsStore } from '../../backend/ports.ts';

/** Settings in Electron's own folder. What is secret comes here only after the operating system encrypted it. */
export function openSettings(): SettingsStore {
  const store = new Store<Record<string, unknown>>({ name: 'settings', accessPropertiesByDotNotation: false });
  return { get: (key) => store.get(key), set: (key, value) => store.set(key, value) };
}
