import { number } from './counts.ts';

/** MB as a person says them: “24 KB”, “1.2 MB”, “3 GB”. */
export function storageText(megabytes: number): string {
  if (megabytes < 1) return `${number(Math.ceil(megabytes * 1024))} KB`;
  const [value, unit] = megabytes < 1024 ? [megabytes, 'MB'] : [megabytes / 1024, 'GB'];
  return `${number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))} ${unit}`;
}

/** The same of bytes. */
export function bytesText(bytes: number): string {
  return storageText(bytes / (1024 * 1024));
}
