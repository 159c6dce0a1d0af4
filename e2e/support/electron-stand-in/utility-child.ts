import { EventEmitter } from 'node:events';

/**
 * Loaded in a utility process before its script: it has `process.parentPort` and no channel of Node's ("parentPort").
 */
class ParentPort extends EventEmitter {
  readonly #send = process.send?.bind(process);
  /** "Messages received on this port will be queued up until a handler is registered for this event." */
  #queued: unknown[] | null = [];

  constructor() {
    super();
    process.on('message', (data: unknown) => {
      if (this.#queued === null) this.emit('message', { data, ports: [] });
      else this.#queued.push(data);
    });
    this.on('newListener', (name) => {
      if (name !== 'message' || this.#queued === null) return;
      const queued = this.#queued;
      this.#queued = null;
      setImmediate(() => {
        for (const data of queued) this.emit('message', { data, ports: [] });
      });
    });
    // A child of Chromium's ends at once when its channel to the browser process breaks (content/child/child_thread_impl.cc).
    process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  }

  postMessage(message: unknown): void {
    this.#send?.(structuredClone(message));
  }
}

Object.defineProperty(process, 'parentPort', { value: new ParentPort() });
Object.defineProperty(process, 'type', { value: 'utility' });
process.execArgv = JSON.parse(process.env['LONGSHORE_STAND_IN_EXEC_ARGV'] ?? '[]') as string[];
delete process.env['LONGSHORE_STAND_IN_EXEC_ARGV'];
// The channel is Electron's own: Node's `send` is not there.
Object.assign(process, { send: undefined });
