import { z } from 'zod';

/** One request of any transport. `callId` lets `cancel` name a call in flight. */
export const CallRequest = z.object({ callId: z.string().max(64), procedure: z.string().max(100), input: z.unknown() });
export type CallRequest = z.infer<typeof CallRequest>;

export const CancelRequest = z.object({ callId: z.string().max(64) });

/** What the desktop preload puts on `window.longshore`; nothing else of Electron reaches the page. */
export interface LongshoreBridge<DroppedFile> {
  call(request: CallRequest): Promise<unknown>;
  cancel(callId: string): void;
  subscribe(listener: (event: unknown) => void): () => void;
  /** Hands dropped files to the main process, which answers with an opaque id. The page never sees a path. */
  handOver(files: readonly DroppedFile[]): Promise<unknown>;
}
