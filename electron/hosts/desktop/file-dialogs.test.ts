import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageBoxOptions, SaveDialogOptions } from 'electron';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fileChooser, fileSaver } from './file-dialogs.ts';
import { SavedFiles } from './saved-files.ts';

/** Electron's dialogs, answered from a list; what each was given is kept. */
const electron = vi.hoisted(() => ({
  window: null as object | null,
  parents: [] as unknown[],
  boxes: [] as MessageBoxOptions[],
  saveTo: [] as string[],
  buttons: [] as number[],
  shown: [] as string[],
  recent: [] as string[],
  chosen: ['/a.csv'],
}));
vi.mock('electron', () => {
  const optionsOf = <T>(args: [T] | [object, T]): T => {
    electron.parents.push(args.length === 2 ? args[0] : null);
    return args.length === 2 ? args[1] : args[0];
  };
  return {
    app: { getPath: () => '/downloads', addRecentDocument: (path: string) => electron.recent.push(path) },
    screen: {},
    session: {},
    BrowserWindow: { getAllWindows: () => (electron.window ? [electron.window] : []) },
    nativeImage: { createFromDataURL: (url: string) => url },
    shell: { showItemInFolder: (path: string) => electron.shown.push(path) },
    dialog: {
      showOpenDialog: (...args: [object] | [object, object]) => {
        optionsOf(args);
        return Promise.resolve({ canceled: false, filePaths: electron.chosen });
      },
      showSaveDialog: (...args: [SaveDialogOptions] | [object, SaveDialogOptions]) => {
        optionsOf(args);
        const filePath = electron.saveTo.shift() ?? '';
        return Promise.resolve({ canceled: filePath === '', filePath });
      },
      showMessageBox: (...args: [MessageBoxOptions] | [object, MessageBoxOptions]) => {
        electron.boxes.push(optionsOf(args));
        return Promise.resolve({ response: electron.buttons.shift() ?? 1, checkboxChecked: false });
      },
    },
  };
});

let folder: string;
let from: string;
let count: number;
const files = () => new SavedFiles({ token: () => `saved${++count}` });
beforeEach(async () => {
  count = 0;
  Object.assign(electron, {
    window: { id: 'the window' },
    parents: [],
    boxes: [],
    saveTo: [],
    buttons: [],
    shown: [],
    recent: [],
    chosen: ['/a.csv'],
  });
  folder = await mkdtemp(join(tmpdir(), 'longshore-dialogs-'));
  from = join(folder, 'error.csv');
  await writeFile(from, 'Name\nA\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noMappings = { add: (paths: readonly string[]) => expect(paths).toEqual([]) };

test('a mapping file that is chosen is no source: it goes where those go that are opened from outside', async () => {
  electron.chosen = ['/a.csv', '/Accounts.SDL', '/b.csv'];
  const outside: string[] = [];
  const chooser = fileChooser({ add: (paths) => void outside.push(...paths) });
  expect(await chooser.choose()).toEqual(['/a.csv', '/b.csv']);
  expect(outside).toEqual(['/Accounts.SDL']);
  expect(electron.recent).toEqual(['/a.csv', '/b.csv']);
  electron.chosen = ['/Other.sdl'];
  expect(await chooser.choose()).toEqual([]);
  expect(outside).toEqual(['/Accounts.SDL', '/Other.sdl']);
});

test('dialogs lie before the window, and without one they come all the same', async () => {
  const chooser = fileChooser(noMappings);
  expect(await chooser.choose()).toEqual(['/a.csv']);
  await fileSaver(files()).save(from, 'x.csv');
  expect(electron.parents).toEqual([{ id: 'the window' }, { id: 'the window' }]);
  electron.window = null;
  expect(await chooser.choose()).toEqual(['/a.csv']);
  expect(electron.parents.at(-1)).toBeNull();
  expect(electron.recent, 'the system’s list of recent files').toEqual(['/a.csv', '/a.csv']);
});

test('a saved file is named by its id, which shows it where it lies', async () => {
  const saved = files();
  const path = join(folder, 'mine.csv');
  electron.saveTo = [path];
  expect(await fileSaver(saved).save(from, 'x.csv')).toEqual({
    kind: 'saved',
    fileName: 'mine.csv',
    savedId: 'saved1',
  });
  saved.show('saved1');
  saved.show('/etc/passwd');
  expect(electron.shown).toEqual([path]);
  const dragged: unknown[] = [];
  saved.drag('saved1', { startDrag: (item) => dragged.push(item.file) });
  saved.drag('another', { startDrag: (item) => dragged.push(item.file) });
  expect(dragged).toEqual([path]);
});

test('a place that refuses the file is said, and another one can be chosen', async () => {
  const taken = join(folder, 'taken.csv');
  const gone = join(folder, 'gone', 'mine.csv');
  const good = join(folder, 'mine.csv');
  await mkdir(taken);
  electron.saveTo = [taken, gone, good];
  electron.buttons = [0, 0];
  expect(await fileSaver(files()).save(from, 'x.csv')).toMatchObject({ kind: 'saved', fileName: 'mine.csv' });
  expect(electron.boxes.map(({ message, buttons }) => [message, buttons])).toEqual([
    ['“taken.csv” can’t be saved there (it is a folder).', ['Save Somewhere Else', 'Cancel']],
    ['“mine.csv” can’t be saved: its folder no longer exists.', ['Save Somewhere Else', 'Cancel']],
  ]);
  expect(await readFile(good, 'utf8')).toBe('Name\nA\n');
});

test('who does not want another place has saved nothing', async () => {
  electron.saveTo = [join(folder, 'gone', 'mine.csv'), join(folder, 'mine.csv')];
  electron.buttons = [1];
  expect(await fileSaver(files()).save(from, 'x.csv')).toEqual({ kind: 'dismissed' });
  expect(electron.saveTo).toHaveLength(1);
});
