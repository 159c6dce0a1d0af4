import type { ChildProcess } from 'node:child_process';
import type { StagingChannel } from '../ports.ts';

/**
 * Speaks with a staging process that was forked by Node. One that could not be started has ended; a message to one that is just
 * dying is lost like all that it has not answered, and its end is told by `onExit`.
 */
export function childChannel(child: ChildProcess): StagingChannel {
  return {
    post: (message) => {
      // Without a callback what goes wrong is an 'error' event, which ends this process if nobody listens (child_process, `subprocess.send`).
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      child.once('exit', listener);
      child.on('error', () => {
        if (child.pid === undefined) listener(null);
      });
    },
    kill: () => void child.kill(),
  };
}
