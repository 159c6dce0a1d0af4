import { app, dialog } from 'electron';
import { otherDataText } from '../../../shared/text/page-text.ts';
import { mainWindow, showMainWindow } from './main-window.ts';
import type { OutsideFiles } from './outside-files.ts';
import { StartWords } from './start-words.ts';

/** What the system and other instances ask of the app, which has its data in a folder; from before it is ready on. */
export function watchApp(files: OutsideFiles, data: string): void {
  app.on('second-instance', (_event, _argv, _workingDirectory, raw) => {
    showMainWindow();
    const second = StartWords.safeParse(raw);
    if (!second.success) return;
    // Files that were meant for another folder are not opened in this one.
    if (second.data.data === undefined || second.data.data === data) files.add(second.data.files);
    else void sayOtherData(data, second.data.data);
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

async function sayOtherData(data: string, asked: string): Promise<void> {
  await app.whenReady();
  const question = { type: 'info', ...otherDataText(data, asked), noLink: true } as const;
  const window = mainWindow();
  await (window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question));
}
