import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA, ElectronEvent, isPrevented, post } from './channel.ts';
import { SingleInstance } from './single-instance.ts';

/** A window as far as the end of the app concerns it. */
export interface Closable {
  close(): void;
  destroy(): void;
}

const exitNow = process.exit.bind(process);

/**
 * Electron's `app`: the order of its life is that of shell/browser/browser.cc, what happens by default that of
 * lib/browser/init.ts (both in electron/electron).
 */
class App extends EventEmitter {
  readonly isPackaged = process.env['LONGSHORE_STAND_IN_PACKED'] === '1';
  readonly windows = new Set<Closable>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #single = new SingleInstance(join(DATA, 'userData'));
  #folder = process.cwd();
  #isReady = false;
  #isQuitting = false;
  #isExiting = false;
  #isShutDown = false;
  #exitCode = 0;

  /** What `init.ts` reads of the app's package.json. */
  setFolder(folder: string): void {
    this.#folder = folder;
  }

  /**
   * The main module was evaluated: only now may `ready` be emitted (init.ts calls `process.appCodeLoaded` after the import of an
   * ESM main has settled; "ES Modules (ESM) in Electron"; electron#40719).
   */
  appCodeLoaded(): void {
    setImmediate(() => {
      this.#isReady = true;
      this.#ready.resolve();
      this.emit('ready', new ElectronEvent(), {});
      // "second-instance": guaranteed to be emitted after `ready`.
      this.#single.listen((second) =>
        this.emit('second-instance', new ElectronEvent(), second.argv, second.cwd, second.data),
      );
      // `SetMainMessageLoopQuitClosure`: who quit before there was a loop leaves now.
      if (this.#isShutDown) this.#leave();
    });
  }

  /** "app": the system's list of recent files, the about panel and Windows' id of the app. */
  addRecentDocument(path: string): void {
    post({ kind: 'recent-document', path });
  }
  setAboutPanelOptions(): void {
    // Shown by the system only when it is asked for.
  }
  setAppUserModelId(): void {
    // Of Windows only.
  }

  isReady(): boolean {
    return this.#isReady;
  }
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }
  requestSingleInstanceLock(data: unknown = {}): boolean {
    return this.#single.lock({ argv: process.argv, cwd: process.cwd(), data });
  }
  getPath(name: string): string {
    return join(DATA, name);
  }
  getAppPath(): string {
    return this.#folder;
  }
  getVersion(): string {
    return this.#package('version') ?? '0.0.0';
  }
  getName(): string {
    return this.#package('productName') ?? this.#package('name') ?? 'Electron';
  }
  #package(key: string): string | undefined {
    const values = JSON.parse(readFileSync(join(this.#folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    const value = values[key];
    return typeof value === 'string' ? value : undefined;
  }

  /** `Browser::Quit`: `before-quit`, then every window is asked to close, then `will-quit`. */
  quit(): void {
    if (this.#isQuitting) return;
    this.#isQuitting = !isPrevented(this, 'before-quit');
    if (!this.#isQuitting) return;
    if (this.windows.size === 0) this.#notifyAndShutDown();
    else for (const window of [...this.windows]) window.close();
  }

  /** `Browser::Exit`: windows are destroyed without being asked; neither `before-quit` nor `will-quit`. What called it goes on. */
  exit(code: number | string | null = 0): void {
    this.#exitCode = Number(code ?? 0);
    // "Message loop is not ready, quit directly."
    if (!this.#isReady) return exitNow(this.#exitCode);
    this.#isQuitting = true;
    this.#isExiting = true;
    if (this.windows.size === 0) this.#shutDown();
    else for (const window of [...this.windows]) window.destroy();
  }

  /** `Browser::OnWindowCloseCancelled`: a window that stays open calls the quit off. */
  windowStayed(): void {
    this.#isQuitting = false;
  }

  /** `Browser::OnWindowAllClosed`. */
  allWindowsClosed(): void {
    if (this.#isExiting) this.#shutDown();
    else if (this.#isQuitting) this.#notifyAndShutDown();
    // Without a listener the app quits (init.ts).
    else if (!this.emit('window-all-closed')) this.quit();
  }

  #notifyAndShutDown(): void {
    if (this.#isShutDown) return;
    if (isPrevented(this, 'will-quit')) this.#isQuitting = false;
    else this.#shutDown();
  }

  #shutDown(): void {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    this.#isQuitting = true;
    this.emit('quit', new ElectronEvent(), this.#exitCode);
    if (this.#isReady) this.#leave();
  }

  /** `RunQuitClosure` posts the end behind what is waiting already. */
  #leave(): void {
    setImmediate(() => exitNow(this.#exitCode));
  }
}
export const app = new App();

// init.ts: "Map process.exit to app.exit, which quits gracefully."
process.exit = ((code?: number | string | null) => app.exit(code ?? 0)) as typeof process.exit;
// init.ts: "Don't quit on fatal error", and show it where nobody else listens.
process.on('uncaughtException', (error: Error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  const content = `Uncaught Exception:\n${error.stack ?? String(error)}`;
  post({ kind: 'error-box', title: 'A JavaScript error occurred in the main process', content });
});
// shell/browser/electron_browser_main_parts_posix.cc: these signals quit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
// Nobody is there any more who could close the window.
process.on('disconnect', () => exitNow(0));
