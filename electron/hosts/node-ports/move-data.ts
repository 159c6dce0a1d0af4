import { cp, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../../backend/documents/durable-file.ts';
import type { Log } from '../../backend/ports.ts';
import type { HostNotices } from './host-notices.ts';
import { shown } from './log-file.ts';
import type { SettingsFile } from './settings-file.ts';

const Values = z.record(z.string(), z.unknown());

interface Move {
  /** The folder that an earlier version had to itself. */
  readonly from: string;
  /** Its settings, which lay elsewhere. */
  readonly settingsFrom: string;
  readonly to: string;
  readonly settings: SettingsFile;
  readonly log: Log;
  readonly notices: HostNotices;
}

/**
 * Moves what an earlier version of the desktop app kept in a folder of its own to where all hosts look: nothing is overwritten,
 * and nothing is lost. What can't be moved stays, is said, and is tried again at the next start. Never rejects.
 */
export async function moveOldData(move: Move): Promise<void> {
  const { from, to, log, notices } = move;
  try {
    const files = from === to ? 0 : await moveInto(from, to);
    const settings = await moveSettings(move);
    if (files === 0 && !settings) return;
    log.info('moved what an earlier version kept', { from, to, files, settings });
    notices.say({ code: 'DATA_MOVED', from: shown(from), to: shown(to) });
  } catch (error) {
    log.error('what an earlier version kept was not moved', error);
    notices.say({ code: 'DATA_NOT_MOVED', from: shown(from), reason: systemCode(error) ?? 'unknown' });
  }
}

/** Folders that are there are filled; a file that is there stays, and the other lies beside it. Returns how many were moved. */
async function moveInto(from: string, to: string): Promise<number> {
  const entries = await readdir(from, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  });
  let moved = 0;
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await stat(target).catch(() => null);
    if (there === null) await moveOne(source, target);
    else if (there.isDirectory() && entry.isDirectory()) await moveInto(source, target);
    else await moveOne(source, await freeName(target));
    moved += 1;
  }
  // One that other programs keep files in stays.
  if (entries.length > 0) await rmdir(from).catch(() => undefined);
  return moved;
}

async function freeName(path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = `${path}.of-desktop-${n}`;
    if ((await stat(name).catch(() => null)) === null) return name;
  }
}

async function moveOne(source: string, target: string): Promise<void> {
  try {
    await rename(source, target);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    // On another disk: it is there under its name only when it is there whole.
    const part = `${target}.moving`;
    await rm(part, { recursive: true, force: true });
    await cp(source, part, { recursive: true, preserveTimestamps: true, errorOnExist: true });
    await rename(part, target);
    await rm(source, { recursive: true, force: true });
  }
}

/** Adds what the old settings have and the new ones do not. False if there are none. */
async function moveSettings({ settingsFrom, from, to, settings, log }: Move): Promise<boolean> {
  const text = await readFile(settingsFrom, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return false;
  if (settings.isAt(settingsFrom)) {
    settings.update('sources', (current) => withPaths(current, from, to));
    return false;
  }
  const old = Values.safeParse(jsonOf(text));
  if (!old.success) {
    log.info('the old settings are damaged and stay where they are', { settingsFrom });
    return false;
  }
  for (const [key, value] of Object.entries(old.data)) {
    const there = withPaths(value, from, to);
    settings.update(key, (current) => merged(current, there));
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  // Not before they are on disk: `flush` says by itself what it could not write.
  await settings.flush();
  if (settings.hasUnsaved) return false;
  await rename(settingsFrom, await freeName(`${settingsFrom}.moved`));
  return true;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was chosen since stays; of two lists, the entries of both. */
function merged(current: unknown, old: unknown): unknown {
  if (current === undefined || current === null) return old;
  if (!Array.isArray(current) || !Array.isArray(old)) return current;
  const known = new Set(current.map(identityOf));
  return [...(old as unknown[]).filter((entry) => !known.has(identityOf(entry))), ...(current as unknown[])];
}

const Identified = z.union([
  z.object({ orgId: z.string() }).transform(({ orgId }) => orgId),
  z.object({ key: z.string() }).transform(({ key }) => key),
  z.object({ summary: z.object({ sourceId: z.string() }) }).transform(({ summary }) => summary.sourceId),
]);

function identityOf(entry: unknown): string {
  return Identified.safeParse(entry).data ?? JSON.stringify(entry);
}

/** Paths into the old folder, wherever they stand, lead into the new one. */
function withPaths(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.startsWith(from + sep) ? to + value.slice(from.length) : value;
  if (Array.isArray(value)) return value.map((entry) => withPaths(entry, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withPaths(entry, from, to)]));
}
