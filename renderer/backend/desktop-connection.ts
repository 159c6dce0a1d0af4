import { BackendEvent, HostEvent } from '../../shared/contract/events.ts';
import type { LongshoreBridge } from '../../shared/contract/wire.ts';
import { SourceId } from '../../shared/domain/ids.ts';
import { readAnswer, readPlain } from './answers.ts';
import type { BackendConnection } from './connection.ts';
import { Reach } from './reach.ts';

declare global {
  interface Window {
    /** Put there by the desktop's preload; absent in a browser. */
    readonly longshore?: LongshoreBridge<File>;
  }
}

/** The backend of the desktop host, over the preload's bridge. */
export function connectDesktop(bridge: LongshoreBridge<File>): BackendConnection {
  let calls = 0;
  return {
    // Window and backend end together: there is no being out of reach.
    reach: new Reach(),
    call: async (name, input, options) => {
      const callId = `c${++calls}`;
      options?.signal?.addEventListener('abort', () => bridge.cancel(callId));
      return readAnswer(name, await bridge.call({ callId, procedure: name, input }));
    },
    subscribe: (listener) =>
      bridge.subscribe((raw) => {
        const event = BackendEvent.safeParse(raw);
        if (event.success) listener(event.data);
      }),
    handOver: async (files) => SourceId.parse(readPlain(await bridge.handOver(files))),
    desk: {
      onCommand: (listener) =>
        bridge.subscribe((raw) => {
          const event = HostEvent.safeParse(raw);
          if (event.success) listener(event.data.command);
        }),
      ask: (request) => bridge.ask(request),
    },
  };
}
