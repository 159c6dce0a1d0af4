import type { HostCommand, HostEvent } from '../../../shared/contract/events.ts';

/** Commands to the window, which wait until it listens: a file may be opened before there is a page to show it. */
export class WindowCommands {
  readonly #send: (event: HostEvent) => void;
  #listening = false;
  #waiting: HostCommand[] = [];

  constructor(send: (event: HostEvent) => void) {
    this.#send = send;
  }

  send(command: HostCommand): void {
    if (this.#listening) this.#send({ topic: 'host', command });
    else this.#waiting.push(command);
  }

  /** The page is there and has said so. */
  listening(): void {
    this.#listening = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const command of waiting) this.send(command);
  }

  /** The page is being loaded anew. */
  gone(): void {
    this.#listening = false;
  }
}
