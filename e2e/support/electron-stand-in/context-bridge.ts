/** A value on its way to the other world: what is called there stays here, and is known by a number. */
type Packed =
  | { t: 'value'; value: unknown }
  | { t: 'function'; id: string }
  | { t: 'promise'; id: string }
  | { t: 'error'; message: string }
  | { t: 'array'; items: Packed[] }
  | { t: 'object'; entries: [string, Packed][] };

type Message =
  | { kind: 'expose'; name: string; api: Packed }
  | { kind: 'call'; id: string; args: Packed[] }
  | { kind: 'returned'; value: Packed }
  | { kind: 'threw'; value: Packed }
  | { kind: 'settled'; id: string; fulfilled: boolean; value: Packed };

/** The line between two worlds of a page. What is sent is heard at once, as a clone. */
export interface BridgeLine {
  send(message: unknown): void;
  listen(hear: (message: unknown) => void): void;
}

export interface BridgeEnd {
  readonly exposeInMainWorld: (name: string, api: unknown) => void;
}

/**
 * One end of Electron's `contextBridge` ("contextBridge", parameter / error / return type support;
 * shell/renderer/api/electron_api_context_bridge.cc): functions and promises are proxied, arrays and objects copied without
 * their prototypes, errors made anew from their message, symbols dropped, all else cloned as by `postMessage` or refused. What
 * is exposed is frozen. Written into both worlds of a page as text, so it uses nothing from outside itself.
 */
export function bridgeEnd(line: BridgeLine, side: string, target: object): BridgeEnd {
  const functions = new Map<string, (...args: unknown[]) => unknown>();
  const promises = new Map<string, PromiseWithResolvers<unknown>>();
  let known = 0;
  let answer: Message | null = null;

  const isCopied = (value: object): boolean =>
    ![
      'Date',
      'RegExp',
      'Map',
      'Set',
      'WeakMap',
      'WeakSet',
      'ArrayBuffer',
      'SharedArrayBuffer',
      'Blob',
      'File',
    ].includes(Object.prototype.toString.call(value).slice(8, -1)) && !ArrayBuffer.isView(value);

  const packFunction = (value: (...args: unknown[]) => unknown): Packed => {
    const id = `${side}${++known}`;
    functions.set(id, value);
    return { t: 'function', id };
  };
  const packPromise = (value: Promise<unknown>): Packed => {
    const id = `${side}${++known}`;
    value.then(
      (result) => line.send({ kind: 'settled', id, fulfilled: true, value: pack(result) }),
      (error: unknown) => line.send({ kind: 'settled', id, fulfilled: false, value: pack(error) }),
    );
    return { t: 'promise', id };
  };
  const pack = (value: unknown, depth = 0): Packed => {
    if (depth >= 1000) throw new TypeError('Electron contextBridge recursion depth exceeded.');
    if (typeof value === 'symbol') return { t: 'value', value: undefined };
    if (typeof value === 'function') return packFunction(value as (...args: unknown[]) => unknown);
    if (typeof value !== 'object' || value === null) return { t: 'value', value };
    if (value instanceof Promise) return packPromise(value);
    if (value instanceof Error) return { t: 'error', message: value.message };
    if (Array.isArray(value)) return { t: 'array', items: value.map((item) => pack(item, depth + 1)) };
    if (!isCopied(value)) return { t: 'value', value: structuredClone(value) };
    return { t: 'object', entries: Object.entries(value).map(([key, one]) => [key, pack(one, depth + 1)]) };
  };

  const call = (id: string, args: unknown[]): unknown => {
    answer = null;
    line.send({ kind: 'call', id, args: args.map((arg) => pack(arg)) });
    const { kind, value } = answer as unknown as Extract<Message, { kind: 'returned' | 'threw' }>;
    if (kind === 'threw') throw unpack(value);
    return unpack(value);
  };
  const unpack = (packed: Packed): unknown => {
    switch (packed.t) {
      case 'function':
        return (...args: unknown[]) => call(packed.id, args);
      case 'promise': {
        const waiting = Promise.withResolvers<unknown>();
        promises.set(packed.id, waiting);
        return waiting.promise;
      }
      case 'error':
        return new Error(packed.message);
      case 'array':
        return packed.items.map(unpack);
      case 'object':
        return Object.fromEntries(packed.entries.map(([key, value]) => [key, unpack(value)]));
      case 'value':
        return packed.value;
    }
  };

  const freeze = (value: unknown): unknown => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || ArrayBuffer.isView(value))
      return value;
    for (const one of Object.values(value)) freeze(one);
    return Object.freeze(value);
  };
  const run = (id: string, args: Packed[]): Message => {
    try {
      return { kind: 'returned', value: pack(functions.get(id)?.(...args.map(unpack))) };
    } catch (error) {
      return { kind: 'threw', value: pack(error instanceof Error ? error : new Error(String(error))) };
    }
  };
  line.listen((heard) => {
    const message = heard as Message;
    switch (message.kind) {
      case 'expose':
        Object.defineProperty(target, message.name, { value: freeze(unpack(message.api)), enumerable: true });
        return;
      case 'call':
        return line.send(run(message.id, message.args));
      case 'settled': {
        const waiting = promises.get(message.id);
        promises.delete(message.id);
        return message.fulfilled ? waiting?.resolve(unpack(message.value)) : waiting?.reject(unpack(message.value));
      }
      case 'returned':
      case 'threw':
        answer = message;
    }
  });
  const exposed = new Set<string>();
  return {
    exposeInMainWorld: (name, api) => {
      if (exposed.has(name) || name in target)
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      exposed.add(name);
      line.send({ kind: 'expose', name, api: pack(api) });
    },
  };
}
