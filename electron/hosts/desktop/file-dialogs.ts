import { app, dialog } from 'electron';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FileChooser, FileSaver } from '../../backend/ports.ts';

export const fileChooser: FileChooser = {
  choose: async () => {
    const { filePaths } = await dialog.showOpenDialog({
      title: 'Choose a file to load',
      properties: ['openFile'],
      filters: [
        { name: 'CSV and text', extensions: ['csv', 'tsv', 'txt', 'gz', 'zip'] },
        { name: 'All files', extensions: ['*'] },
      ],
    });
    return filePaths[0] ?? null;
  },
};

export const fileSaver: FileSaver = {
  save: async (path, suggestedName) => {
    const { canceled, filePath } = await dialog.showSaveDialog({
      title: 'Save the result file',
      defaultPath: join(app.getPath('downloads'), suggestedName),
      filters: [{ name: 'CSV', extensions: ['csv'] }],
    });
    if (canceled || filePath === '') return { kind: 'dismissed' };
    await copyFile(path, filePath);
    return { kind: 'saved', fileName: basename(filePath) };
  },
};
