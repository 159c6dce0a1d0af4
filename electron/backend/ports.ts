import type { AppInfo, SavedFile } from '../../shared/contract/procedures.ts';
import type { HostNotice } from '../../shared/domain/host-notice.ts';

/** Everything a host must supply. The backend reaches the outside only through these. */
export interface BackendPorts {
  readonly info: () => Omit<AppInfo, 'notices'>;
  /** What the host could not do as it should, each once, for as long as it is so. */
  readonly notices: () => readonly HostNotice[];
  readonly paths: AppPaths;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly fileChooser: FileChooser;
  readonly fileSaver: FileSaver;
  readonly secrets: SecretVault;
  readonly settings: SettingsStore;
  /** Shows a notification on the desktop; left out where a host has none. */
  readonly notify?: (text: { readonly title: string; readonly body: string }) => void;
  /** Shows a folder in the system's file manager; left out where a host has none. */
  readonly showFolder?: (path: string) => Promise<void>;
  readonly openExternal: (url: string) => Promise<void>;
  /** The proxy that the operating system wants an address asked for through, as a URL; null for none, or where nobody can tell. */
  readonly systemProxy: (url: string) => Promise<string | null>;
  /** Starts the staging engine's process; what does not fit into its memory goes into the folder, which it makes. */
  readonly spawnStaging: (spillFolder: string) => StagingChannel;
  readonly practiceOrg: PracticeOrgStarter | null;
  /** The official CLI of the person who runs Longshore; absent where there can be none. */
  readonly officialCli?: OfficialCli;
  /** A session that the person who started the process handed in through its environment; null on a desktop. */
  readonly environmentSession: { readonly instanceUrl: string; readonly accessToken: string } | null;
}

export interface AppPaths {
  /** Folder for sources, plans, loads and journals. Only this user can read it. */
  readonly data: string;
}

export interface Clock {
  now(): number;
  /** Milliseconds from some moment on, never set back or forward: what durations are measured by. */
  elapsed(): number;
  /** IANA name of the person's time zone. */
  timeZone(): string;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface RandomSource {
  /** Lower-case letters and digits, from a cryptographic source. */
  token(length: number): string;
}

export interface Log {
  /** Where it is written, to be shown: the person's own folder is ~. Empty if nowhere. */
  readonly place: string;
  info(message: string, facts?: Record<string, unknown>): void;
  error(message: string, error: unknown, facts?: Record<string, unknown>): void;
}

export interface FileChooser {
  /** Absolute paths of the files the person chose; none if they changed their mind. */
  choose(): Promise<readonly string[]>;
}

export interface FileSaver {
  /** Puts a finished file where the person wants it. `path` stays the backend's own copy. */
  save(path: string, suggestedName: string): Promise<SavedFile>;
}

/** Keeps small secrets. Values never appear in logs, settings or messages. */
export interface SecretVault {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
  /** Settles when a vault that was not there at first has come: what it holds can be asked for then. */
  readonly returned?: Promise<void>;
}

/**
 * Settings and other small documents that are no secrets. What is changed is seen at once, and written a little later by
 * itself; that it can't be written is told by the host.
 */
export interface SettingsStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /**
   * Changes a value that other processes change too. `change` is run at once, and again on what is on disk by then: it
   * must give the same for the same, and leave what it does not know.
   */
  update(key: string, change: (current: unknown) => unknown): void;
  /** Takes in what other processes wrote since, beneath what is changed here. Never rejects. */
  refresh(): Promise<void>;
}

/** A message channel to the staging engine's own process. */
export interface StagingChannel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number | null) => void): void;
  kill(): void;
}

/** Says where the practice org of the data folder is, and starts it if no host runs it. */
export interface PracticeOrgStarter {
  start(): Promise<{ url: string }>;
}

/** What is used of the official CLI (`sf`). Its files are read and never written: it alone knows how to keep them whole. */
export interface OfficialCli {
  /** The folder with its auth files. */
  readonly folder: string;
  /** The key its tokens are encrypted with, where it lies in the system's keychain; null for none. */
  keychainKey(): Promise<string | null>;
  /** Has it renew the session of a user. Settles when it has ended, whatever came of it. Throws `CANCELLED`. */
  renew(username: string, signal: AbortSignal): Promise<void>;
}
