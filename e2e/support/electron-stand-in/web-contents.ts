import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { ElectronEvent, isPrevented, post } from './channel.ts';
import { privileges } from './protocol.ts';
import { defaultSession } from './session.ts';

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' };

let made = 0;

/** Electron's `webContents`: a page, whose process may be gone while this is still there. */
export class WebContents extends EventEmitter {
  readonly id = ++made;
  readonly session = defaultSession;
  readonly #preload: string;
  readonly #preferences: object;
  #openHandler: OpenHandler | null = null;
  #url = '';
  #crashed = false;
  #destroyed = false;

  constructor({ preload = '', ...preferences }: { readonly preload?: string }) {
    super();
    this.#preload = preload;
    this.#preferences = preferences;
    // "app", `web-contents-created`.
    app.emit('web-contents-created', new ElectronEvent(), this);
  }

  /** "webContents", `send`: arguments are cloned as by `postMessage`, and functions and the like throw. */
  send(channel: string, ...args: unknown[]): void {
    this.#refuseDestroyed();
    const cloned = structuredClone(args);
    if (!this.#crashed) post({ kind: 'emit', channel, args: cloned });
  }
  /** "webContents", `startDrag`: the picture must not be empty on macOS. */
  startDrag({ file, icon }: { file: string; icon: { isEmpty(): boolean } }): void {
    if (icon.isEmpty()) throw new Error("Must specify non-empty 'icon' option");
    post({ kind: 'drag', file });
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }
  getURL(): string {
    return this.#url;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  isCrashed(): boolean {
    return this.#crashed;
  }

  /** Settles when the page has loaded or failed (lib/browser/api/web-contents.ts, `_awaitNextLoad`); raises no `will-navigate`. */
  loadURL(url: string): Promise<void> {
    this.#refuseDestroyed();
    this.#url = url;
    const loading = new Promise<void>((resolve, reject) => {
      const fail = (_event: unknown, code: number, description: string): void =>
        settle(() => reject(new Error(`${description} (${code}) loading '${url}'`)));
      const finish = (): void => settle(resolve);
      const gone = (): void => fail(null, -2, 'ERR_FAILED');
      const settle = (then: () => void): void => {
        this.off('did-finish-load', finish).off('did-fail-load', fail).off('destroyed', gone);
        then();
      };
      this.on('did-finish-load', finish).on('did-fail-load', fail).on('destroyed', gone);
    });
    loading.catch(() => undefined);
    this.#navigate();
    return loading;
  }
  reload(): void {
    this.#refuseDestroyed();
    this.#navigate();
  }
  #navigate(): void {
    this.#crashed = false;
    isPrevented(this, 'did-start-navigation', { url: this.#url, isMainFrame: true, isSameDocument: false });
    const page = { url: this.#url, preload: this.#preload, preferences: this.#preferences };
    post({ kind: 'load', ...page, ...privileges(this.#url) });
  }

  /** "webContents", `forcefullyCrashRenderer`: the page's process ends, and `render-process-gone` follows. */
  forcefullyCrashRenderer(): void {
    post({ kind: 'crash-page' });
  }

  /** Chromium tells that the process ended. */
  gone(reason: string, exitCode: number): void {
    this.#crashed = true;
    const details = { reason, exitCode };
    this.emit('render-process-gone', new ElectronEvent(), details);
    app.emit('render-process-gone', new ElectronEvent(), this, details);
  }

  /** Whether a way that the page or the person takes is open: `will-navigate` for the main frame, `will-frame-navigate` for all. */
  mayNavigate(url: string, isMain: boolean): boolean {
    const facts = { url, isMainFrame: isMain, isSameDocument: false };
    const framePrevented = isPrevented(this, 'will-frame-navigate', facts);
    return !framePrevented && !(isMain && isPrevented(this, 'will-navigate', facts, url));
  }

  /** lib/browser/api/web-contents.ts, `_callWindowOpenHandler`: without a handler a window opens. */
  mayOpen(url: string): boolean {
    return this.#openHandler === null || this.#openHandler({ url }).action === 'allow';
  }

  /** "webContents", `will-attach-webview`; the tag itself is off by default ("BrowserWindow", `webviewTag`). */
  mayAttach(src: string): boolean {
    return !isPrevented(this, 'will-attach-webview', {}, {}, { src });
  }

  destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }
  #refuseDestroyed(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
  }
}
