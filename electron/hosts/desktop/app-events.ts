import { app } from 'electron';
import { showMainWindow } from './main-window.ts';

/** What the system and other instances ask of the app, from before it is ready on. */
export function watchApp(): void {
  app.on('second-instance', () => showMainWindow());
  // macOS: the dock's icon was clicked.
  app.on('activate', () => showMainWindow());
  app.on('window-all-closed', () => app.quit());
}
