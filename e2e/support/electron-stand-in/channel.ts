import { EventEmitter } from 'node:events';
import type { ToHost, ToPerson } from './wire.ts';

/** Where the stand-in finds its data folder and what it is told to be. */
export const DATA = process.env['LONGSHORE_STAND_IN_DATA'] ?? '/nonexistent';

export function post(message: ToPerson): void {
  if (process.connected) process.send?.(message);
}

/** Messages of whoever plays the person, by their kind. */
const listeners = new Map<string, (message: never) => void>();

export function onMessage<K extends ToHost['kind']>(
  kind: K,
  listener: (message: Extract<ToHost, { kind: K }>) => void,
): void {
  listeners.set(kind, listener);
}

if (process.send) process.on('message', (message: ToHost) => listeners.get(message.kind)?.(message as never));

/** The event that Electron's emitters give first ("Event Emitter", `preventDefault`). */
export class ElectronEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

/** Emits, and tells whether a listener prevented what comes by default. */
export function isPrevented(emitter: EventEmitter, name: string, facts: object = {}, ...args: unknown[]): boolean {
  const event = Object.assign(new ElectronEvent(), facts);
  emitter.emit(name, event, ...args);
  return event.defaultPrevented;
}
