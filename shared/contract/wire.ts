import { z } from 'zod';
import { CommandName, ThemeChoice } from './events.ts';

/** One request of any transport. `callId` lets `cancel` name a call in flight. */
export const CallRequest = z.object({ callId: z.string().max(64), procedure: z.string().max(100), input: z.unknown() });
export type CallRequest = z.infer<typeof CallRequest>;

export const CancelRequest = z.object({ callId: z.string().max(64) });

/** What a window asks of the desk it stands on. A saved file is named by the id that came with it, never by a path. */
export const DeskRequest = z.discriminatedUnion('kind', [
  /** It listens to commands, and these of them would do something now. */
  z.object({ kind: z.literal('listening'), can: z.array(CommandName), theme: ThemeChoice }),
  z.object({ kind: z.literal('show-saved'), savedId: z.string().max(64) }),
  z.object({ kind: z.literal('drag-saved'), savedId: z.string().max(64) }),
  z.object({ kind: z.literal('show-log') }),
]);
export type DeskRequest = z.infer<typeof DeskRequest>;

/** What the desktop preload puts on `window.longshore`; nothing else of Electron reaches the page. */
export interface LongshoreBridge<DroppedFile> {
  call(request: CallRequest): Promise<unknown>;
  cancel(callId: string): void;
  subscribe(listener: (event: unknown) => void): () => void;
  /** Hands dropped files to the main process, which answers with an opaque id. The page never sees a path. */
  handOver(files: readonly DroppedFile[]): Promise<unknown>;
  /** Nothing comes back: what it leads to is seen on the desk, or told by an event. */
  ask(request: DeskRequest): void;
}
