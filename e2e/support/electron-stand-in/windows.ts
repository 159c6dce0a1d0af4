import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { ElectronEvent, isPrevented, post } from './channel.ts';
import { WebContents } from './web-contents.ts';

interface WindowOptions {
  readonly show?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly x?: number;
  readonly y?: number;
  readonly webPreferences?: { readonly preload?: string };
}

interface WindowState {
  visible: boolean;
  minimized: boolean;
  maximized: boolean;
  focused: boolean;
  destroyed: boolean;
}

/** Electron's `BrowserWindow`. What is seen of it is told to whoever plays the person. */
export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>();
  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((one) => one.webContents === contents) ?? null;
  }
  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((one) => one.#state.focused) ?? null;
  }

  readonly webContents: WebContents;
  readonly #state: WindowState = {
    visible: false,
    minimized: false,
    maximized: false,
    focused: false,
    destroyed: false,
  };
  readonly #bounds: { x: number; y: number; width: number; height: number };

  constructor(options: WindowOptions = {}) {
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    super();
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
    this.webContents = new WebContents(options.webPreferences ?? {});
    BrowserWindow.#all.add(this);
    app.windows.add(this);
    this.webContents.once('did-finish-load', () => {
      // "BrowserWindow", `ready-to-show`: once the page has been rendered while the window is not shown.
      if (!this.#state.visible) this.emit('ready-to-show');
    });
    app.emit('browser-window-created', new ElectronEvent(), this);
    if (options.show !== false) this.show();
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  /** "BrowserWindow", `close`: before anything of the page ends, and may be prevented, which calls a quit off (browser.cc). */
  close(): void {
    if (this.#state.destroyed) return;
    if (isPrevented(this, 'close')) app.windowStayed();
    else setImmediate(() => this.destroy());
  }
  /** "BrowserWindow", `destroy`: no `close`, but `closed`. */
  destroy(): void {
    if (this.#state.destroyed) return;
    this.#state.destroyed = true;
    BrowserWindow.#all.delete(this);
    this.webContents.destroy();
    this.#tell('closed');
    app.windows.delete(this);
    if (app.windows.size === 0) app.allWindowsClosed();
  }
  isDestroyed(): boolean {
    return this.#state.destroyed;
  }

  show(): void {
    this.#change({ visible: true, focused: true }, 'show');
  }
  hide(): void {
    this.#change({ visible: false, focused: false }, 'hide');
  }
  focus(): void {
    this.#change({ focused: true }, 'focus');
  }
  minimize(): void {
    this.#change({ minimized: true, focused: false }, 'minimize');
  }
  restore(): void {
    this.#change({ minimized: false, visible: true }, 'restore');
  }
  maximize(): void {
    this.#change({ maximized: true, visible: true }, 'maximize');
  }
  isFocused(): boolean {
    return this.#state.focused;
  }
  isVisible(): boolean {
    return this.#state.visible;
  }
  isMinimized(): boolean {
    return this.#state.minimized;
  }
  isMaximized(): boolean {
    return this.#state.maximized;
  }
  /** "BrowserWindow", `setProgressBar`: below 0 there is none. */
  setProgressBar(share: number, { mode = 'normal' }: { mode?: string } = {}): void {
    post({ kind: 'progress', share, mode });
  }
  getBounds(): { x: number; y: number; width: number; height: number } {
    return { ...this.#bounds };
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { ...this.#bounds };
  }

  #change(to: Partial<WindowState>, event: string): void {
    // Electron's own wrappers throw so once the window is gone.
    if (this.#state.destroyed) throw new TypeError('Object has been destroyed');
    Object.assign(this.#state, to);
    this.#tell(event);
  }
  #tell(event: string): void {
    post({ kind: 'window', event });
    this.emit(event);
  }
}
