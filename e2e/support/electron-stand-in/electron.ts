import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { ToHost, ToWindow } from './wire.ts';

/**
 * Stands for Electron where its binary can't be had, as far as the desktop host uses it. It holds no logic of ours: the
 * real `main` and `preload` run, and the window is a real Chromium on the other end of this process's channel.
 */
const data = process.env['LONGSHORE_STAND_IN_DATA'] ?? '/nonexistent';

function post(message: ToWindow): void {
  process.send?.(message);
}

type Handler = (event: unknown, ...args: unknown[]) => unknown;
const invokeHandlers = new Map<string, Handler>();
const sendHandlers = new EventEmitter();
const protocols = new Map<string, (request: Request) => Promise<Response> | Response>();
const dialogs = new Map<number, (path: string | null) => void>();
let dialogCount = 0;

function eventFrom(frameUrl: string): unknown {
  return { senderFrame: { url: frameUrl, parent: null } };
}

process.on('message', (message: ToHost) => {
  void (async () => {
    switch (message.kind) {
      case 'invoke': {
        const handler = invokeHandlers.get(message.channel);
        if (!handler) throw new Error(`no handler for ${message.channel}`);
        post({ kind: 'answer', id: message.id, value: await handler(eventFrom(message.frameUrl), ...message.args) });
        break;
      }
      case 'send':
        sendHandlers.emit(message.channel, eventFrom(message.frameUrl), ...message.args);
        break;
      case 'protocol': {
        const handler = protocols.get(new URL(message.url).protocol.replace(':', ''));
        const response = handler ? await handler(new Request(message.url)) : new Response(null, { status: 404 });
        const body = Buffer.from(await response.arrayBuffer());
        post({
          kind: 'protocol-answer',
          id: message.id,
          status: response.status,
          headers: Object.fromEntries(response.headers),
          base64: body.toString('base64'),
        });
        break;
      }
      case 'dialog-answer':
        dialogs.get(message.id)?.(message.path);
        dialogs.delete(message.id);
        break;
    }
  })();
});
process.on('disconnect', () => process.exit(0));

class App extends EventEmitter {
  requestSingleInstanceLock(): boolean {
    return true;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  getPath(name: string): string {
    return join(data, name);
  }
  getAppPath(): string {
    return process.cwd();
  }
  getVersion(): string {
    return '0.0.0-stand-in';
  }
  getName(): string {
    return 'Longshore';
  }
  quit(): void {
    this.emit('before-quit');
    process.exit(0);
  }
  exit(code: number): void {
    process.exit(code);
  }
}
export const app = new App();

class WebContents extends EventEmitter {
  send(channel: string, ...args: unknown[]): void {
    post({ kind: 'emit', channel, args });
  }
  setWindowOpenHandler(): void {
    // Chromium's own popup is refused by the harness, which fails the test if one is asked for.
  }
}

interface WindowOptions {
  webPreferences: { preload: string; sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean };
}

export class BrowserWindow extends EventEmitter {
  static readonly #windows: BrowserWindow[] = [];
  static getAllWindows(): BrowserWindow[] {
    return BrowserWindow.#windows;
  }
  readonly webContents = new WebContents();
  readonly #options: WindowOptions;
  constructor(options: WindowOptions) {
    super();
    const { sandbox, contextIsolation, nodeIntegration } = options.webPreferences;
    if (!sandbox || !contextIsolation || nodeIntegration) throw new Error('the window must be sandboxed and isolated');
    this.#options = options;
    BrowserWindow.#windows.push(this);
  }
  loadURL(url: string): Promise<void> {
    post({ kind: 'load', url, preload: this.#options.webPreferences.preload });
    this.emit('ready-to-show');
    return Promise.resolve();
  }
  show(): void {
    this.emit('show');
  }
  maximize(): void {
    this.emit('maximize');
  }
  focus(): void {
    this.emit('focus');
  }
  restore(): void {
    this.emit('restore');
  }
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds(): object {
    return { x: 0, y: 0, width: 1360, height: 880 };
  }
}

export const ipcMain = {
  handle: (channel: string, handler: Handler): void => void invokeHandlers.set(channel, handler),
  on: (channel: string, handler: Handler): void => void sendHandlers.on(channel, handler),
};

export const protocol = {
  registerSchemesAsPrivileged: (): void => undefined,
  handle: (scheme: string, handler: (request: Request) => Promise<Response> | Response): void =>
    void protocols.set(scheme, handler),
};

function ask(send: (id: number) => void): Promise<string | null> {
  const id = ++dialogCount;
  return new Promise((resolve) => {
    dialogs.set(id, resolve);
    send(id);
  });
}

export const dialog = {
  showErrorBox: (title: string, content: string): void => post({ kind: 'error-box', title, content }),
  showOpenDialog: async (): Promise<{ filePaths: string[] }> => {
    const path = await ask((id) => post({ kind: 'ask-open', id }));
    return { filePaths: path === null ? [] : [path] };
  },
  showSaveDialog: async (options: { defaultPath: string }): Promise<{ canceled: boolean; filePath: string }> => {
    const path = await ask((id) => post({ kind: 'ask-save', id, name: options.defaultPath }));
    return { canceled: path === null, filePath: path ?? '' };
  },
};

export const safeStorage = {
  isEncryptionAvailable: (): boolean => true,
  getSelectedStorageBackend: (): string => 'gnome_libsecret',
  encryptString: (text: string): Buffer => Buffer.from([...Buffer.from(text)].map((byte) => byte ^ 0x5a)),
  decryptString: (bytes: Buffer): string => Buffer.from([...bytes].map((byte) => byte ^ 0x5a)).toString('utf8'),
};

export const shell = {
  openExternal: (url: string): Promise<void> => {
    post({ kind: 'open-external', url });
    return Promise.resolve();
  },
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (): void => undefined,
    resolveProxy: (): Promise<string> => Promise.resolve('DIRECT'),
  },
};

export const utilityProcess = {
  fork: (path: string, args: string[]) => {
    const child = fork(path, args, {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    return Object.assign(new EventEmitter(), {
      postMessage: (message: object) => child.connected && child.send(message),
      kill: () => child.kill(),
      on: (event: string, listener: (...args: unknown[]) => void) => void child.on(event, listener),
      once: (event: string, listener: (...args: unknown[]) => void) => void child.once(event, listener),
    });
  },
};

export default { app, BrowserWindow, ipcMain, protocol, dialog, safeStorage, shell, session, utilityProcess };
