import type { SavedFile } from '../../shared/contract/procedures.ts';

/** A file that was saved, or that the browser now saves as any download: from a one-time address on our own origin. */
export function takeDownload(file: SavedFile): SavedFile {
  if (file.kind === 'download') window.location.assign(file.path);
  return file;
}
