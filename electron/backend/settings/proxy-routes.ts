import { readSettings } from '../../../shared/domain/settings.ts';
import type { BackendPorts } from '../ports.ts';
import { SETTINGS_KEY } from './preferences.ts';
import { proxySecret } from './proxy-secret.ts';

/** Which proxy requests go through; `authorization` is what the proxy wants to be told, a secret. */
export type ProxyRoute =
  | { readonly kind: 'automatic' | 'system' | 'environment' | 'none' }
  | { readonly kind: 'own'; readonly address: string; readonly authorization: string | null };

/** The proxy that the settings want at the moment. Its password is asked of the vault once. */
export function proxyRoutes({
  settings,
  secrets,
}: Pick<BackendPorts, 'settings' | 'secrets'>): () => Promise<ProxyRoute> {
  let known: { readonly credentials: string; readonly authorization: string | null } | null = null;
  return async () => {
    const { proxy } = readSettings(settings.get(SETTINGS_KEY)).settings;
    if (proxy.kind !== 'own') return proxy;
    const { address, credentials } = proxy;
    if (credentials === null) return { kind: 'own', address, authorization: null };
    if (known?.credentials !== credentials)
      known = { credentials, authorization: await secrets.get(proxySecret(credentials)) };
    return { kind: 'own', address, authorization: known.authorization };
  };
}
