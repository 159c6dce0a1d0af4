import { app } from 'electron';
import { showMainWindow } from './main-window.ts';
import { SecondStart, type OutsideFiles } from './outside-files.ts';

/** What the system and other instances ask of the app, from before it is ready on. */
export function watchApp(files: OutsideFiles): void {
  app.on('second-instance', (_event, _argv, _workingDirectory, raw) => {
    showMainWindow();
    const second = SecondStart.safeParse(raw);
    if (second.success) files.add(second.data.files);
  });
  // macOS only, and before `ready` for a file that the app is started with ("app", `open-file`).
  app.on('open-file', (event, path) => {
    event.preventDefault();
    showMainWindow();
    files.add([path]);
  });
  // macOS: the dock's icon was clicked.
  app.on('activate', () => showMainWindow());
  app.on('window-all-closed', () => app.quit());
}
