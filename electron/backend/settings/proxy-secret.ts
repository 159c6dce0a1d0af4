/** What the vault calls the authorization for a proxy. */
export function proxySecret(name: string): string {
  return `proxy-${name}`;
}

/**
 * A proxy's address without the user name and password in it, and what they are as `Proxy-Authorization` has them (RFC 7617);
 * null if there are none.
 */
export function withoutSecret(address: string): { address: string; authorization: string | null } {
  const url = URL.parse(address);
  if (url === null || (url.username === '' && url.password === '')) return { address, authorization: null };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { address: url.origin, authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}
