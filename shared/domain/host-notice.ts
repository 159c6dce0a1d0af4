import { z } from 'zod';

/** What the host could not do as it should, and went on without. `reason` is the system's own code, such as EROFS. */
export const HostNotice = z.discriminatedUnion('code', [
  /** The settings were not readable as settings; `keptAs` is the name that their file has now. */
  z.object({ code: z.literal('SETTINGS_DAMAGED'), keptAs: z.string() }),
  z.object({ code: z.literal('SETTINGS_UNREADABLE'), reason: z.string() }),
  z.object({ code: z.literal('SETTINGS_NOT_SAVED'), reason: z.string() }),
  /** What an earlier version kept elsewhere was moved to where all hosts look, or could not be. */
  z.object({ code: z.literal('DATA_MOVED'), from: z.string(), to: z.string() }),
  z.object({ code: z.literal('DATA_NOT_MOVED'), from: z.string(), reason: z.string() }),
  z.object({ code: z.literal('LOG_ELSEWHERE'), place: z.string(), reason: z.string() }),
  /** A keychain that was locked or silent at the start answers, and has what was kept meanwhile. */
  z.object({ code: z.literal('KEYCHAIN_BACK') }),
  z.object({ code: z.literal('LOG_NOT_WRITTEN'), reason: z.string() }),
]);
export type HostNotice = z.infer<typeof HostNotice>;
