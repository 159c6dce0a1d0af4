import { z } from 'zod';
import { LoadSnapshot } from '../domain/load-results.ts';
import { OrgSummary } from '../domain/org.ts';
import { OrgId, SourceId } from '../domain/ids.ts';
import { SettingsView } from '../domain/settings.ts';
import { SourceSummary } from '../domain/source-file.ts';

/** Progress of a call in flight. `total` is null while it isn't known. */
export const WorkProgress = z.object({
  sourceId: SourceId,
  stage: z.enum(['checking', 'fetching', 'comparing', 'writing']),
  done: z.number(),
  total: z.number().nullable(),
});
export type WorkProgress = z.infer<typeof WorkProgress>;

/** Events carry whole snapshots, never deltas, so that a missed one is harmless after a reconnect. */
export const BackendEvent = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('source'), source: SourceSummary }),
  z.object({ topic: z.literal('work'), work: WorkProgress }),
  z.object({ topic: z.literal('load'), load: LoadSnapshot }),
  z.object({ topic: z.literal('orgs'), orgs: z.array(OrgSummary) }),
  z.object({ topic: z.literal('read-only'), orgIds: z.array(OrgId) }),
  z.object({ topic: z.literal('settings'), view: SettingsView }),
]);
export type BackendEvent = z.infer<typeof BackendEvent>;
