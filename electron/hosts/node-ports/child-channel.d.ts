import type { ChildProcess } from 'node:child_process';
import type { StagingChannel } from '../../backend/ports.ts';
/**
 * Speaks with a staging process that was forked by Node. One that could not be started has ended; a message to one that is just
 * dying is lost like all that it has not answered, and its end is told by `onExit`.
 */
export declare function childChannel(child: ChildProcess): StagingChannel;
