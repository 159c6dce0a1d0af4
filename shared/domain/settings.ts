import { z } from 'zod';
import { ChosenWay } from './load-way.ts';

/** A proxy's address: http or https with a host. A user name and a password in it are taken out and kept as a secret. */
const ProxyAddress = z
  .string()
  .max(500)
  .refine(
    (address) => /^https?:\/\/[^\s/?#]+\/?$/i.test(address),
    'Enter an address such as http://proxy.example:8080',
  );

/** Which proxy requests to orgs go through; what is on this machine never does. */
export const ProxySetting = z.discriminatedUnion('kind', [
  /** The environment's where it names one, else the system's. */
  z.object({ kind: z.literal('automatic') }),
  z.object({ kind: z.literal('system') }),
  z.object({ kind: z.literal('environment') }),
  z.object({ kind: z.literal('none') }),
  /** `credentials` names the user name and password in the vault; null for none. */
  z.object({ kind: z.literal('own'), address: ProxyAddress, credentials: z.string().nullable() }),
]);
export type ProxySetting = z.infer<typeof ProxySetting>;

/** Salesforce takes 150 MB of base64 a job, about 112 MB raw, and advises 100 MB (Bulk API limits). */
export const MOST_JOB_MEGABYTES = 90;

/**
 * Jobs of one load that are worked on at the same time. Salesforce names no limit on jobs: "In parallel mode, the default mode, batches are
 * processed in parallel with other batches from the same job and batches from other parallel mode jobs" (Bulk API 2.0 and Bulk API
 * Developer Guide, "General Guidelines for Data Loads"), and an org has 15,000 batches in 24 hours whichever jobs they are of. A job of
 * usual size is many batches, so that a few jobs keep the org at work while one is uploaded and another's results are fetched.
 */
export const MOST_JOBS_AT_ONCE = 10;
export const JOBS_AT_ONCE = 3;
export const JobsAtOnce = z.number().int().min(1).max(MOST_JOBS_AT_ONCE);

export function jobBytesOf(megabytes: number): number {
  return Math.ceil(megabytes * 1024 * 1024);
}

/** A load that would use more of the API calls left than this many per cent asks first. */
export const ApiBudgetPercent = z.number().int().min(1).max(100);

/** What a person sets for all of Longshore, whichever host they use. How things are shown never changes data. */
export const AppSettings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** How our own numbers are written: as the system has it, or as a locale has it. */
  numbers: z.enum(['system', 'en-US', 'de-DE', 'fr-FR', 'de-CH', 'en-IN']),
  dates: z.enum(['system', 'iso', 'en-US', 'en-GB', 'de-DE']),
  /** What a blank cell does in a mapping that was not saved before. */
  blankValues: z.enum(['leave', 'clear']),
  /** How rows are sent by a mapping that was not saved before. */
  way: ChosenWay,
  gridRows: z.enum(['compact', 'normal', 'roomy']),
  /** What result files are written in: as their source is, or in UTF-8 with a mark, which spreadsheets know. */
  resultFiles: z.enum(['as-source', 'utf-8']),
  /** The most that one job is sent, in MB. Orgs whose triggers take long, or lock rows, do better with less. */
  jobMegabytes: z.number().positive().max(MOST_JOB_MEGABYTES),
  /** How many of a load's jobs are worked on at the same time, where their order does not matter. */
  jobsAtOnce: JobsAtOnce,
  apiBudgetPercent: ApiBudgetPercent,
  /** Finished loads with their reports are removed so many days after their end; null keeps them. */
  retentionDays: z.number().int().min(1).max(3650).nullable(),
  proxy: ProxySetting,
});
export type AppSettings = z.infer<typeof AppSettings>;
export const SettingName = AppSettings.keyof();
export type SettingName = z.infer<typeof SettingName>;

export const DEFAULT_SETTINGS: AppSettings = {
  theme: 'system',
  numbers: 'system',
  dates: 'system',
  blankValues: 'leave',
  way: 'automatic',
  gridRows: 'normal',
  resultFiles: 'as-source',
  jobMegabytes: MOST_JOB_MEGABYTES,
  jobsAtOnce: JOBS_AT_ONCE,
  apiBudgetPercent: 50,
  retentionDays: null,
  proxy: { kind: 'automatic' },
};

/** Settings as they were kept. A value that is none falls back to its default and is named. */
export function readSettings(stored: unknown): { settings: AppSettings; broken: SettingName[] } {
  const kept = z.record(z.string(), z.unknown()).safeParse(stored).data ?? {};
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  const broken: SettingName[] = [];
  for (const name of SettingName.options) {
    if (kept[name] === undefined) continue;
    const parsed = AppSettings.shape[name].safeParse(kept[name]);
    if (parsed.success) settings[name] = parsed.data;
    else broken.push(name);
  }
  return { settings: AppSettings.parse(settings), broken };
}

/** Settings as they are shown, with what is to be said of them. */
export const SettingsView = z.object({
  settings: AppSettings,
  /** Kept values that are none: their defaults hold. */
  broken: z.array(SettingName),
  /** Where sources, loads and settings lie, to be shown; the person's own folder is ~. */
  place: z.string(),
  /** Whether this host can show that folder. */
  canShowPlace: z.boolean(),
  /** What the last sweep that removed something removed: so many loads, at a time in milliseconds. */
  lastSweep: z.object({ at: z.number(), loads: z.number() }).nullable(),
});
export type SettingsView = z.infer<typeof SettingsView>;
