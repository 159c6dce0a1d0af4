import { app, dialog } from 'electron';
import { basename, join } from 'node:path';
import type { FileChooser, FileSaver } from '../../backend/ports.ts';
import { putFile } from '../node-ports/put-file.ts';

export const fileChooser: FileChooser = {
  choose: async () => {
    const { filePaths } = await dialog.showOpenDialog({
      title: 'Choose a file to load',
      properties: ['openFile', 'multiSelections'],
      filters: [
        { name: 'Tables', extensions: ['csv', 'tsv', 'txt', 'xlsx', 'xlsm', 'json', 'jsonl', 'ndjson', 'gz', 'zip'] },
        { name: 'All files', extensions: ['*'] },
      ],
    });
    return filePaths;
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
    await putFile(path, filePath);
    return { kind: 'saved', fileName: basename(filePath) };
  },
};
