import { app, dialog, type MessageBoxOptions, type OpenDialogOptions, type SaveDialogOptions } from 'electron';
import { basename, join } from 'node:path';
import type { FileChooser, FileSaver } from '../../backend/ports.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { putFile } from '../node-ports/put-file.ts';
import { mainWindow } from './main-window.ts';
import type { OutsideFiles } from './outside-files.ts';
import { partMappings } from './outside-mapping.ts';
import type { SavedFiles } from './saved-files.ts';

const OPEN: OpenDialogOptions = {
  title: 'Choose a file to load',
  properties: ['openFile', 'multiSelections'],
  filters: [
    { name: 'Data Files', extensions: ['csv', 'tsv', 'txt', 'xlsx', 'xlsm', 'json', 'jsonl', 'ndjson', 'gz', 'zip'] },
    { name: 'Data Loader Mappings', extensions: ['sdl'] },
    { name: 'All Files', extensions: ['*'] },
  ],
};
const SAVE: SaveDialogOptions = { title: 'Save the file', filters: [{ name: 'CSV', extensions: ['csv'] }] };

/**
 * Dialogs belong to the window: they lie before it, and nothing behind them can be clicked ("dialog", modal to a parent). Mapping
 * files are no sources; they go the way of those that the system asks to be opened.
 */
export function fileChooser(outside: Pick<OutsideFiles, 'add'>): FileChooser {
  return {
    choose: async () => {
      const parent = mainWindow();
      const { filePaths } = await (parent ? dialog.showOpenDialog(parent, OPEN) : dialog.showOpenDialog(OPEN));
      const { mappings, sources } = await partMappings(filePaths);
      outside.add(mappings);
      for (const path of sources) app.addRecentDocument(path);
      return sources;
    },
  };
}

/** Asks where to, and asks again where the file can't be put there and another place is wanted. */
export function fileSaver(saved: SavedFiles): FileSaver {
  return {
    save: async (path, suggestedName) => {
      for (;;) {
        const target = await askWhere(suggestedName);
        if (target === null) return { kind: 'dismissed' };
        const fileName = basename(target);
        try {
          await putFile(path, { path: target, place: fileName, makeFolder: false });
          return { kind: 'saved', fileName, savedId: saved.remember(target) };
        } catch (error) {
          if (!(error instanceof FailureError)) throw error;
          if (!(await wantsAnotherPlace(error.failure))) return { kind: 'dismissed' };
        }
      }
    },
  };
}

async function askWhere(suggestedName: string): Promise<string | null> {
  const options = { ...SAVE, defaultPath: join(app.getPath('downloads'), suggestedName) };
  const parent = mainWindow();
  const { canceled, filePath } = await (parent
    ? dialog.showSaveDialog(parent, options)
    : dialog.showSaveDialog(options));
  return canceled || filePath === '' ? null : filePath;
}

async function wantsAnotherPlace(failure: Failure): Promise<boolean> {
  const { title, saved, next } = failureText(failure);
  const buttons = ['Save Somewhere Else', 'Cancel'];
  const options: MessageBoxOptions = {
    type: 'warning',
    message: title,
    detail: `${saved} ${next}`,
    buttons,
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  };
  const parent = mainWindow();
  return (await (parent ? dialog.showMessageBox(parent, options) : dialog.showMessageBox(options))).response === 0;
}
