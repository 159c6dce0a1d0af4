import { readSettings } from '../../../shared/domain/settings.ts';
import type { ProxyRoute } from '../orgs/proxies.ts';
import type { BackendPorts } from '../ports.ts';
import { SETTINGS_KEY } from './preferences.ts';
import { proxySecret } from './proxy-secret.ts';

/** The proxy that the settings want at the moment. Its password is asked of the vault once. */
export function proxyRoutes({
  settings,
  secrets,
}: Pick<BackendPorts, 'settings' | 'secrets'>): () => Promise<ProxyRoute> {
  let known: { readonly secret: string; readonly authorization: string | null } | null = null;
  return async () => {
    const { proxy } = readSettings(settings.get(SETTINGS_KEY)).settings;
    if (proxy.kind !== 'own') return proxy;
    const { address, secret } = proxy;
    if (secret === null) return { kind: 'own', address, authorization: null };
    if (known?.secret !== secret) known = { secret, authorization: await secrets.get(proxySecret(secret)) };
    return { kind: 'own', address, authorization: known.authorization };
  };
}
