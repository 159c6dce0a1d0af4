const SCHEMES: Readonly<Record<string, string>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS5: 'socks5',
};

/**
 * The first way that can be taken of an answer such as `PROXY a.example:8080; DIRECT` (the format of proxy auto-config files, which
 * Electron's `resolveProxy` answers in), as a URL; null for straight. SOCKS of version 4 can't be taken: its entries are passed over.
 */
export function proxyIn(answer: string): string | null {
  for (const entry of answer.split(';')) {
    const [kind = '', address = ''] = entry.trim().split(/\s+/);
    if (kind.toUpperCase() === 'DIRECT') return null;
    const scheme = SCHEMES[kind.toUpperCase()];
    const url = scheme === undefined || address === '' ? null : URL.parse(`${scheme}://${address}`);
    if (url !== null) return `${scheme}://${url.host}`;
  }
  return null;
}
