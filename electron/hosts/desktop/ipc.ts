import { BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { Backend } from '../../backend/create-backend.ts';
import { FailureError, type Answer, type Failure } from '../../../shared/contract/failure.ts';
import { CallRequest } from '../../../shared/contract/wire.ts';
import { isOurPage } from './app-protocol.ts';

/** Only our own page may speak, and no frame inside it; a frame that is gone has no address any more. */
export function isOurs(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isOurPage(frame.url);
}

const REFUSED: Answer<never> = { ok: false, failure: { code: 'BAD_REQUEST', where: 'ipc', problem: 'unknown sender' } };

export interface ExposedBackend {
  /** Calls off what a page asked that is no longer there to be answered. Loads go on: no call carries one. */
  abandonCalls(): void;
}

/** The contract over IPC: one channel in, one for cancelling, one for dropped files, one for events out. */
export function exposeBackend(backend: Backend, unexpected: (error: unknown) => Failure): ExposedBackend {
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
      // A page that was loaded anew counts its calls from the beginning.
      if (calls.get(callId) === controller) calls.delete(callId);
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
  return {
    abandonCalls: () => {
      for (const controller of calls.values()) controller.abort();
      calls.clear();
    },
  };
}
