import { createHash } from 'node:crypto';

/** What the system's timer is to call, and how often. */
export interface TimerEntry {
  /** Names it among others: one for each data folder. */
  readonly name: string;
  /** The program and its arguments, each as it is. */
  readonly command: readonly [string, ...string[]];
  readonly everyMinutes: number;
}

/** The name of a data folder's entry, the same each time. Pure. */
export function entryName(data: string): string {
  return `longshore-${createHash('sha256').update(data).digest('hex').slice(0, 8)}`;
}

/** A text inside XML, element or attribute. Control characters have no place in it at all (XML 1.0, 2.2 "Characters"). */
export function xmlText(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replace(/[&<>"']/g, (found) => entities[found] ?? found);
}

/** Whether a text can stand in a line of its own, in each of the files that are written here. */
export function isPlain(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
