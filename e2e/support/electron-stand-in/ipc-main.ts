import { EventEmitter } from 'node:events';
import { onMessage, post } from './channel.ts';
import { BrowserWindow } from './windows.ts';
import type { Frame } from './wire.ts';

type Handler = (event: unknown, ...args: unknown[]) => unknown;

/** Electron's `ipcMain` (lib/browser/ipc-main-impl.ts). */
class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }
  handleOnce(channel: string, handler: Handler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return handler(event, ...args);
    });
  }
  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  async invoke(channel: string, event: unknown, args: unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    // What is answered is cloned as by `postMessage`; what can't be is an error of the handler.
    return structuredClone(await handler(event, ...args));
  }
}
export const ipcMain = new IpcMain();

/** "IpcMainInvokeEvent": the frame is null once it is gone. */
function eventFrom(frame: Frame): unknown {
  const sender = BrowserWindow.getAllWindows()[0]?.webContents;
  const parent = frame.isMain ? null : { url: sender?.getURL(), parent: null };
  return { sender, senderFrame: { url: frame.url, parent } };
}

onMessage('invoke', ({ id, channel, args, frame }) => {
  ipcMain.invoke(channel, eventFrom(frame), args).then(
    (value) => post({ kind: 'answer', id, value }),
    // lib/renderer/api/ipc-renderer.ts makes the error anew, of its words only.
    (error: unknown) => post({ kind: 'answer-error', id, error: String(error) }),
  );
});
onMessage('send', ({ channel, args, frame }) => void ipcMain.emit(channel, eventFrom(frame), ...args));
