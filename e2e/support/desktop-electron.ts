import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type Browser } from '@playwright/test';
import { sendByJobs } from '../../electron/hosts/test-support/send-by-jobs.ts';
import { limitApi, setFaults, type StartOptions } from './browser-host.ts';
import type { LongshoreApp } from './window.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The desktop host in Electron itself, for machines that have its binary. Dialogs and the outside browser are answered here. */
export function startElectron(executablePath: string) {
  return async (browser: Browser, options: StartOptions = {}): Promise<LongshoreApp> => {
    const data = await mkdtemp(join(tmpdir(), 'longshore-electron-'));
    if (options.asShipped !== true) await sendByJobs(join(data, 'data'));
    const app = await _electron.launch({
      executablePath,
      args: [ROOT, `--user-data-dir=${data}`],
      env: {
        ...process.env,
        LONGSHORE_DATA: join(data, 'data'),
        LONGSHORE_PRACTICE_ROWS_PER_SECOND: String(options.rowsPerSecond ?? 0),
      },
    });
    const page = await app.firstWindow();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await app.evaluate(({ dialog, shell }) => {
      // Whatever is asked at the end is answered with yes: a load that runs may go on later.
      dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false });
      const opened: string[] = [];
      Object.assign(globalThis, { longshoreOpened: opened });
      shell.openExternal = (url) => Promise.resolve(void opened.push(url));
    });
    const context = await browser.newContext();
    let org = '';
    const signInAddress = async (): Promise<string> => {
      let address: string | undefined;
      while (address === undefined) {
        address = await app.evaluate(() =>
          (globalThis as unknown as { longshoreOpened: string[] }).longshoreOpened.shift(),
        );
      }
      org = new URL(address).origin;
      return address;
    };
    return {
      page,
      signInAddress,
      signInPage: async () => {
        const address = await signInAddress();
        const signIn = await context.newPage();
        await signIn.goto(address);
        return signIn;
      },
      // A synthetic drop has no path in Electron; the chooser leads to the same place.
      drop: async (paths) => {
        await app.evaluate(({ dialog }, filePaths) => {
          dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
        }, paths);
        await page.getByRole('button', { name: 'Longshore home' }).click();
        await page.getByRole('button', { name: 'Choose a file' }).click();
      },
      choose: async (paths, opens) => {
        await app.evaluate(({ dialog }, filePaths) => {
          dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
        }, paths);
        await opens();
      },
      saveFile: async (click) => {
        const filePath = join(data, 'saved.csv');
        await app.evaluate(({ dialog }, path) => {
          dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
        }, filePath);
        await click();
        await page.getByText('Saved as saved.csv').waitFor();
        return readFile(filePath, 'utf8');
      },
      faults: (rules) => setFaults(org, rules),
      limitApi: (calls) => limitApi(org, calls),
      close: async () => {
        await context.close();
        await app.close();
        await rm(data, { recursive: true, force: true });
      },
    };
  };
}
