import { bridgeEnd, type BridgeLine } from './context-bridge.ts';

/** What the isolated world tells the test's process, and what it is told. */
export type FromPreload =
  | { kind: 'invoke'; call: number; channel: string; args: unknown[] }
  | { kind: 'send'; channel: string; args: unknown[] };

export interface PreloadWorld {
  emit(channel: string, args: unknown[]): void;
  answer(call: number, answer: { value?: unknown; error?: string }): void;
  paths(known: Record<string, string>): void;
}

/** The line between the worlds: events of the document, which both have. Blink clones what crosses (`CustomEvent.detail`). */
function domLine(here: string, there: string): BridgeLine {
  return {
    send: (message) => void document.dispatchEvent(new CustomEvent(there, { detail: message })),
    listen: (hear) => document.addEventListener(here, (event) => hear((event as CustomEvent).detail)),
  };
}

/**
 * Electron's modules as a sandboxed preload has them ("Process Sandboxing", preload scripts; lib/renderer/api/ipc-renderer.ts). Written
 * into the isolated world as text.
 */
function electronInPreload(
  bridge: ReturnType<typeof bridgeEnd>,
  tell: (message: FromPreload) => void,
): { electron: object; world: PreloadWorld } {
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let known: Record<string, string> = {};
  let made = 0;
  const ipcRenderer = {
    // What can't be cloned rejects: it is an async function.
    invoke: async (channel: string, ...args: unknown[]) => {
      const cloned = structuredClone(args);
      const waiting = Promise.withResolvers<unknown>();
      calls.set(++made, waiting);
      tell({ kind: 'invoke', call: made, channel, args: cloned });
      return waiting.promise;
    },
    send: (channel: string, ...args: unknown[]) => tell({ kind: 'send', channel, args: structuredClone(args) }),
    on: (channel: string, listener: (event: object, ...args: unknown[]) => void) =>
      void listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    removeListener: (channel: string, listener: (event: object, ...args: unknown[]) => void) =>
      void listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((one) => one !== listener),
      ),
  };
  return {
    electron: {
      contextBridge: { exposeInMainWorld: bridge.exposeInMainWorld },
      ipcRenderer,
      // Electron knows a file's path by the file; this knows it by its name. Empty for one that was made by a script.
      webUtils: { getPathForFile: (file: { name: string }) => known[file.name] ?? '' },
    },
    world: {
      emit: (channel, args) => {
        for (const listener of listeners.get(channel) ?? []) listener({}, ...args);
      },
      answer: (call, { value, error }) => {
        const waiting = calls.get(call);
        calls.delete(call);
        return error === undefined ? waiting?.resolve(value) : waiting?.reject(new Error(error));
      },
      paths: (paths) => {
        known = paths;
      },
    },
  };
}

/** For the page's own world, before anything of the page runs. `secret` names the events; no page can guess it. */
export function mainWorldScript(secret: string): string {
  return `if (window.top === window) {
    const domLine = ${domLine.toString()};
    (${bridgeEnd.toString()})(domLine('${secret}-main', '${secret}-preload'), 'm', window);
  }`;
}

/**
 * For the isolated world: the preload with its `electron`, told of through the binding `tell`. Only the top frame has a preload
 * ("BrowserWindow", `nodeIntegrationInSubFrames`).
 */
export function preloadWorldScript(secret: string, preload: string, tell: string): string {
  return `if (window.top === window) (() => {
    const domLine = ${domLine.toString()};
    const bridge = (${bridgeEnd.toString()})(domLine('${secret}-preload', '${secret}-main'), 'p', window);
    const { electron, world } = (${electronInPreload.toString()})(bridge, (message) => window['${tell}'](JSON.stringify(message)));
    window.__standIn = world;
    const require = (name) => {
      if (name === 'electron' || name === 'electron/renderer') return electron;
      throw new Error('module not found: ' + name);
    };
    ((require, module, exports) => { ${preload}
    })(require, { exports: {} }, {});
  })();`;
}
