import { shell } from 'electron';

/** Opens a folder in the system's file manager. Electron says what went wrong by a text that is not empty (shell.openPath). */
export async function showFolder(path: string): Promise<void> {
  const problem = await shell.openPath(path);
  if (problem !== '') throw new Error(`the folder was not shown: ${problem}`);
}
