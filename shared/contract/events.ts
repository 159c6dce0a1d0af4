import { z } from 'zod';
import { LoadSnapshot } from '../domain/load-results.ts';
import { OrgSummary } from '../domain/org.ts';
import { Run } from '../domain/run.ts';
import { LoadId, OrgId, SourceId } from '../domain/ids.ts';
import { AppSettings, SettingsView } from '../domain/settings.ts';
import { SourceSummary } from '../domain/source-file.ts';
import { Failure } from './failure.ts';

/** Progress of a call in flight, by its source; where no file is looked at, by the org. `total` is null while it isn't known. */
export const WorkProgress = z.object({
  sourceId: z.union([SourceId, OrgId]),
  stage: z.enum([
    'checking',
    'reading',
    'fetching',
    'preparing',
    'learning',
    'pairing',
    'comparing',
    'writing',
    'rehearsing',
  ]),
  done: z.number(),
  total: z.number().nullable(),
});
export type WorkProgress = z.infer<typeof WorkProgress>;

/** Events carry whole snapshots, never deltas, so that a missed one is harmless after a reconnect. */
export const BackendEvent = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('source'), source: SourceSummary }),
  z.object({ topic: z.literal('work'), work: WorkProgress }),
  z.object({ topic: z.literal('load'), load: LoadSnapshot }),
  /** As it is on disk by then. */
  z.object({ topic: z.literal('run'), run: Run }),
  z.object({ topic: z.literal('orgs'), orgs: z.array(OrgSummary) }),
  z.object({ topic: z.literal('read-only'), orgIds: z.array(OrgId) }),
  z.object({ topic: z.literal('settings'), view: SettingsView }),
]);
export type BackendEvent = z.infer<typeof BackendEvent>;

/** What a menu offers where the window shows something that it can be done to; it does what a click there would. */
export const CommandName = z.enum(['choose-file', 'export', 'start-load', 'cancel-load', 'resume-load']);
export type CommandName = z.infer<typeof CommandName>;

export const ThemeChoice = AppSettings.shape.theme;
export type ThemeChoice = AppSettings['theme'];

/** What a host with a menu asks of its window. Files come as a source that is handed over already, or as why they could not be. */
export const HostCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('do'), name: CommandName }),
  z.object({ kind: z.literal('theme'), theme: ThemeChoice }),
  z.object({ kind: z.literal('open-source'), sourceId: SourceId }),
  /** A mapping file of Data Loader's, for the source that is open or the next one. */
  z.object({ kind: z.literal('open-mapping'), fileName: z.string(), content: z.base64() }),
  z.object({ kind: z.literal('files-refused'), failure: Failure }),
  z.object({ kind: z.literal('open-load'), loadId: LoadId }),
]);
export type HostCommand = z.infer<typeof HostCommand>;

/** Comes on the same channel as the backend's events. Sent only to a window that said it listens (`DeskRequest`). */
export const HostEvent = z.object({ topic: z.literal('host'), command: HostCommand });
export type HostEvent = z.infer<typeof HostEvent>;
