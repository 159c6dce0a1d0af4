import { app, protocol } from 'electron';
import { join } from 'node:path';
import { readRendererFile } from '../node-ports/renderer-files.ts';

/** A scheme of our own instead of `file:`: it has an origin, so that the sender of a message can be checked. */
export const APP_SCHEME = 'longshore';
export const APP_ORIGIN = `${APP_SCHEME}://app`;

/** Whether an address is a page of ours, by its parts: a comparison of its beginning would let look-alikes through. */
export function isOurPage(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${APP_SCHEME}:` && parsed.host === 'app';
}

/** Serves the built renderer, and nothing outside its folder. */
export function serveRenderer(): void {
  const folder = join(app.getAppPath(), 'dist', 'renderer');
  protocol.handle(APP_SCHEME, async (request) => {
    const url = new URL(request.url);
    const file = url.host === 'app' ? await readRendererFile(folder, url.pathname) : null;
    if (file === null) return new Response(null, { status: 404 });
    const body = typeof file.body === 'string' ? file.body : new Uint8Array(file.body);
    return new Response(body, { status: 200, headers: file.headers });
  });
}
