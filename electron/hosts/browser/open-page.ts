import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import open from 'open';

/** A browser that was asked for a page has read the file that leads there by then, in milliseconds. */
const KEPT = 60_000;

/** Linux without a display has no default browser to ask; whoever reads the terminal opens the address elsewhere. */
export function hasBrowser(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/**
 * Opens a page with a ticket in its address by way of a file that only this user can read, as Jupyter Server does
 * (`use_redirect_file`, jupyter_server/serverapp.py): other users see every process's command line, and with it an address given
 * to a browser. A file is named after its address, so that whoever takes the ticket can remove it.
 */
export class RedirectFiles {
  readonly #folder: string;
  readonly #open: (target: string) => Promise<unknown>;

  constructor(data: string, openTarget: (target: string) => Promise<unknown> = open) {
    this.#folder = join(data, 'redirects');
    this.#open = openTarget;
  }

  /** A browser that can't be asked is no error: the address is on the terminal too. */
  async open(url: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#pathOf(url), page(url), { mode: 0o600 });
    await this.#open(this.#pathOf(url)).catch(() => undefined);
  }

  /** An address that is handed out: its file, if one is made, goes after a minute at the latest. */
  expect(url: string): void {
    setTimeout(() => void this.remove(url), KEPT).unref();
  }

  async remove(url: string): Promise<void> {
    await rm(this.#pathOf(url), { force: true });
  }

  /** Removes all of them, also what a host that was killed left behind. */
  async sweep(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #pathOf(url: string): string {
    return join(this.#folder, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.html`);
  }
}

function page(url: string): string {
  // Its letters are ours: scheme, address, base64url.
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${url}"><title>Opening Longshore</title></head><body><p><a href="${url}">Open Longshore</a></p></body></html>\n`;
}
