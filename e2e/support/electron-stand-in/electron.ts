import './actions.ts';
import { app } from './app.ts';
import { post } from './channel.ts';
import {
  clipboard,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerSaveBlocker,
  screen,
  shellOfFiles,
} from './desk.ts';
import { dialog } from './dialog.ts';
import { ipcMain } from './ipc-main.ts';
import { powerMonitor } from './power-monitor.ts';
import { protocol } from './protocol.ts';
import { safeStorage } from './safe-storage.ts';
import { session } from './session.ts';
import { utilityProcess } from './utility-process.ts';
import { BrowserWindow } from './windows.ts';

/**
 * Stands for Electron where its binary can't be had, as far as the desktop host uses it. It holds no logic of ours: the real
 * `main` and `preload` run, and the window is a real Chromium on the other end of this process's channel. Each behaviour names
 * the document ("…" of https://www.electronjs.org/docs/latest/api) or the source file of electron/electron that it follows.
 */
export const shell = {
  ...shellOfFiles,
  openExternal: (url: string): Promise<void> => {
    post({ kind: 'open-external', url });
    return Promise.resolve();
  },
};

export { clipboard, Menu, nativeImage, nativeTheme, Notification, powerSaveBlocker, screen };
export { app, BrowserWindow, dialog, ipcMain, powerMonitor, protocol, safeStorage, session, utilityProcess };
/** For those who import all of it at once. */
const electron: Record<string, unknown> = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
};
export default electron;
