import { BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { Backend } from '../../backend/create-backend.ts';
import { FailureError, type Answer, type Failure } from '../../../shared/contract/failure.ts';
import { CallRequest } from '../../../shared/contract/wire.ts';
import { APP_ORIGIN } from './app-protocol.ts';

/** Only our own page may speak: a frame that was navigated elsewhere has another origin. */
function isOurs(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && frame.url.startsWith(`${APP_ORIGIN}/`);
}

const REFUSED: Answer<never> = { ok: false, failure: { code: 'BAD_REQUEST', where: 'ipc', problem: 'unknown sender' } };

/** The contract over IPC: one channel in, one for cancelling, one for dropped files, one for events out. */
export function exposeBackend(backend: Backend, unexpected: (error: unknown) => Failure): void {
  const calls = new Map<string, AbortController>();
  ipcMain.handle('backend', async (event, request: unknown) => {
    const parsed = CallRequest.safeParse(request);
    if (!isOurs(event) || !parsed.success) return REFUSED;
    const { callId, procedure, input } = parsed.data;
    const controller = new AbortController();
    calls.set(callId, controller);
    try {
      return await backend.call(procedure, input, controller.signal);
    } finally {
      calls.delete(callId);
    }
  });
  ipcMain.on('cancel', (event, callId: unknown) => {
    if (isOurs(event) && typeof callId === 'string') calls.get(callId)?.abort();
  });
  ipcMain.handle('hand-over', async (event, paths: unknown): Promise<Answer<string>> => {
    const parsed = z.array(z.string().min(1)).safeParse(paths);
    if (!isOurs(event) || !parsed.success) return REFUSED;
    try {
      return { ok: true, value: await backend.handOver(parsed.data) };
    } catch (error) {
      return { ok: false, failure: error instanceof FailureError ? error.failure : unexpected(error) };
    }
  });
  backend.subscribe((event) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send('event', event);
  });
}
