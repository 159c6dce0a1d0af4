import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, CDPSession, Page, Route } from '@playwright/test';
import type { DesktopProcess } from './desktop-process.ts';
import {
  mainWorldScript,
  preloadWorldScript,
  type FromPreload,
  type PreloadWorld,
} from './electron-stand-in/preload-world.ts';
import type { ToPerson } from './electron-stand-in/wire.ts';

const WORLD = 'Electron Isolated Context';
const TELL = '__standInTell';
const APP = 'longshore://app';
/**
 * Chromium doesn't know the desktop's scheme; the same files come from these origins, which never leave the test: a secure one
 * where the scheme was registered as secure ("protocol", `registerSchemesAsPrivileged`).
 */
const SECURE = 'https://app.longshore.test';
const PLAIN = 'http://app.longshore.test';
/** Permissions by the names of Chromium's protocol. */
const PERMISSIONS = ['geolocation', 'notifications', 'clipboard-read', 'midi'];

type Load = Extract<ToPerson, { kind: 'load' }>;

/** The window of a desktop host: a page in a real Chromium, with the real preload in a world of its own. */
export class DesktopWindow {
  readonly #host: DesktopProcess;
  readonly #context: BrowserContext;
  readonly #secret = randomUUID();
  #page: Page | null = null;
  #devtools: CDPSession | null = null;
  /** The isolated world of the page that is shown. */
  #world: number | null = null;
  #origin = SECURE;
  #fetchable = true;
  /** Where the host itself sends the page; every other way is the page's own. */
  #sentTo: string | null = null;

  constructor(host: DesktopProcess, context: BrowserContext) {
    this.#host = host;
    this.#context = context;
    host.on('load', (load) => void this.#load(load));
    host.on('emit', ({ channel, args }) => this.#inWorld('emit', channel, args));
    host.on('crash-page', () => this.crash());
  }

  get page(): Page {
    if (this.#page === null) throw new Error('the window has no page yet');
    return this.#page;
  }

  /** Whether it shows a page, and another one than this. */
  showsOther(than: Page): boolean {
    return this.#page !== null && this.#page !== than;
  }

  /** Files that a drop brings, by name: only Electron knows where a dropped file lies. */
  knowPaths(paths: Record<string, string>): void {
    this.#inWorld('paths', paths);
  }

  /** Ends the page's process; Chromium never answers. */
  crash(): void {
    this.#devtools?.send('Page.crash').catch(() => undefined);
  }

  async #load(load: Load): Promise<void> {
    this.#origin = load.secure ? SECURE : PLAIN;
    this.#fetchable = load.fetchable;
    try {
      const page = (this.#page ??= await this.#open(load));
      this.#sentTo = load.url.replace(APP, this.#origin);
      await page.goto(this.#sentTo);
      await this.#host.act({ kind: 'page-loaded' });
    } catch (error) {
      await this.#host.act({ kind: 'page-failed', description: String(error) }).catch(() => false);
    }
  }

  async #open(load: Load): Promise<Page> {
    const page = await this.#context.newPage();
    const devtools = await this.#context.newCDPSession(page);
    this.#devtools = devtools;
    devtools.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId, type } = (context.auxData ?? {}) as { frameId?: string; type?: string };
      if (context.name === WORLD && type === 'isolated' && frameId === this.#mainFrame) this.#world = context.id;
    });
    devtools.on('Runtime.bindingCalled', ({ payload }) => void this.#tell(JSON.parse(payload) as FromPreload));
    await devtools.send('Page.enable');
    const tree = await devtools.send('Page.getFrameTree');
    this.#mainFrame = tree.frameTree.frame.id;
    await devtools.send('Runtime.enable');
    await devtools.send('Runtime.addBinding', { name: TELL, executionContextName: WORLD });
    await devtools.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript(this.#secret) });
    await devtools.send('Page.addScriptToEvaluateOnNewDocument', {
      source: preloadWorldScript(this.#secret, await readFile(load.preload, 'utf8'), TELL),
      worldName: WORLD,
    });
    await this.#settlePermissions(devtools);
    // A host that quits while its page still loads answers nothing more, which is no failure of the window.
    await page.route('**/*', (route) => this.#route(route).catch((error: unknown) => this.#afterTheEnd(route, error)));
    page.on('popup', (popup) => void this.#popup(popup));
    page.on('crash', () => {
      this.#page = null;
      this.#world = null;
      void this.#host.act({ kind: 'page-gone', reason: 'crashed', exitCode: 139 }).catch(() => false);
    });
    return page;
  }
  #mainFrame = '';

  /** What the page may do without asking is what the host's check handler says ("session", `setPermissionCheckHandler`). */
  async #settlePermissions(devtools: CDPSession): Promise<void> {
    const { targetInfo } = await devtools.send('Target.getTargetInfo');
    const { browserContextId = '' } = targetInfo;
    for (const name of PERMISSIONS) {
      const granted = await this.#host.act({ kind: 'check-permission', permission: name, origin: `${APP}/` });
      const setting = granted ? 'granted' : 'denied';
      const permission = { permission: { name }, setting, origin: this.#origin, browserContextId } as const;
      await devtools.send('Browser.setPermission', permission);
    }
  }

  /** A request: a way elsewhere is asked of the host first, and what is ours comes from its protocol. */
  async #route(route: Route): Promise<void> {
    const request = route.request();
    const url = request.url();
    const isMain = request.frame().parentFrame() === null;
    if (request.isNavigationRequest()) {
      const isSent = isMain && url === this.#sentTo;
      if (isSent) this.#sentTo = null;
      else if (!(await this.#host.act({ kind: 'navigate', url: url.replace(this.#origin, APP), isMain })))
        return route.abort('aborted');
    }
    if (!url.startsWith(`${this.#origin}/`)) return route.continue();
    if (request.resourceType() === 'fetch' && !this.#fetchable) return route.abort('failed');
    const answer = await this.#host.request((id) => ({ kind: 'protocol', id, url: url.replace(this.#origin, APP) }));
    if (answer.kind !== 'protocol-answer') return route.abort();
    const { status, headers, base64 } = answer;
    return route.fulfill({ status, headers, body: Buffer.from(base64, 'base64') });
  }

  async #afterTheEnd(route: Route, error: unknown): Promise<void> {
    if (!this.#host.hasEnded) throw error;
    await route.abort().catch(() => undefined);
  }

  /** Chromium has made the window before anybody is asked here; nothing has been loaded in it. */
  async #popup(popup: Page): Promise<void> {
    const isOpened = await this.#host.act({ kind: 'open-window', url: popup.url() }).catch(() => false);
    if (!isOpened) await popup.close();
  }

  async #tell(message: FromPreload): Promise<void> {
    const frame = { url: this.page.url().replace(this.#origin, APP), isMain: true };
    const { channel, args } = message;
    if (message.kind === 'send') return this.#host.post({ kind: 'send', channel, args, frame });
    const answer = await this.#host.invoke(channel, args, frame).then(
      (value) => ({ value }),
      (error: Error) => ({ error: error.message }),
    );
    this.#inWorld('answer', message.call, answer);
  }

  /** JSON is all that the contract carries; a page that is gone hears nothing. */
  #inWorld<K extends keyof PreloadWorld>(name: K, ...args: Parameters<PreloadWorld[K]>): void {
    if (this.#world === null) return;
    const given = args.map((arg) => JSON.stringify(arg) ?? 'undefined').join(', ');
    const expression = `window.__standIn.${name}(${given})`;
    this.#devtools?.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => undefined);
  }
}
