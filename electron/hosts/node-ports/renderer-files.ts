import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.css': 'text/css;charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Headers of every page: nothing is cached, framed, sniffed or told to others. */
export const PAGE_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Scripts only from our own files, styles from them or with this page's nonce, connections only home. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export interface RendererFile {
  readonly headers: Record<string, string>;
  readonly body: Buffer | string;
}

/** A file of the built renderer with its headers, or null. The page itself gets a fresh nonce each time. */
export async function readRendererFile(folder: string, pathname: string): Promise<RendererFile | null> {
  const name =
    pathname === '/' || pathname === '' ? 'index.html' : normalize(decodeURIComponent(pathname)).replace(/^[/\\]+/, '');
  const path = join(folder, name);
  const type = TYPES[extname(path)];
  if (type === undefined || !path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  const body = await readFile(path).catch(() => null);
  if (body === null) return null;
  if (name !== 'index.html') return { headers: { ...PAGE_HEADERS, 'Content-Type': type }, body };
  const nonce = randomBytes(16).toString('base64');
  return {
    headers: { ...PAGE_HEADERS, 'Content-Type': type, 'Content-Security-Policy': contentSecurityPolicy(nonce) },
    body: body.toString('utf8').replaceAll('__CSP_NONCE__', nonce),
  };
}
