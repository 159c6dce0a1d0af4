import { isLoopback } from './instance-url.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Proxies that the environment names, as `EnvHttpProxyAgent` takes them; '' is none. */
export interface EnvironmentProxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/**
 * The proxies that the environment asks for, as curl and Salesforce's own CLI read them (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`;
 * lower case goes first), or null if it names none and the system is to be asked.
 */
export function environmentProxies(environment: Environment): EnvironmentProxies | null {
  const read = (name: string): string => environment[name] || environment[name.toUpperCase()] || '';
  const proxy = (name: string): string => withScheme(read(name));
  const all = proxy('all_proxy');
  const httpProxy = proxy('http_proxy') || all;
  const httpsProxy = proxy('https_proxy') || all || httpProxy;
  if (httpProxy === '' && httpsProxy === '') return null;
  return { httpProxy, httpsProxy, noProxy: read('no_proxy') };
}

/** Host and port alone are a proxy spoken to in plain HTTP, as curl takes them. */
function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** What is on this machine is never asked for through a proxy: neither the practice org nor a person's own tunnel. */
export function isNeverProxied(url: URL): boolean {
  return isLoopback(url.hostname);
}
