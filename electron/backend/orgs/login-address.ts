import { FailureError } from '../../../shared/contract/failure.ts';
import type { SignInTarget } from '../../../shared/domain/org.ts';
import type { BackendPorts } from '../ports.ts';
import { isLoopback, isSafeUrl, isSalesforceHost } from './instance-url.ts';

/** A My Domain name, with a sandbox's after two hyphens (Salesforce Help, "My Domain URL Formats"). */
const DOMAIN_NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/i;
/**
 * What stands in an address bar for the same My Domain: Lightning's, Setup's and Visualforce's hosts (Salesforce Help, "My Domain
 * URL Formats"; sfdx-core, `SfdcUrl.toLightningDomain`).
 */
const SAME_DOMAIN = /\.(?:lightning\.force\.com|my\.salesforce-setup\.com|my\.salesforce\.com)$/;

/**
 * The origin to sign in at. My Domain may be given as its name, as its host, or as any address copied from a browser. Plain http
 * is taken for this machine only, where the practice org is. Throws `LOGIN_URL_INVALID`.
 */
export function loginUrlOf(target: Exclude<SignInTarget, { kind: 'practice' }>): string {
  if (target.kind === 'production') return 'https://login.salesforce.com';
  if (target.kind === 'sandbox') return 'https://test.salesforce.com';
  const given = target.loginUrl.trim();
  if (DOMAIN_NAME.test(given) && given.toLowerCase() !== 'localhost') return myDomain(given.toLowerCase());
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || !url.hostname)
    throw invalid(target.loginUrl, 'shape');
  if (isLoopback(url.hostname)) return url.origin;
  if (!isSalesforceHost(url.hostname)) throw invalid(target.loginUrl, url.hostname.includes('.') ? 'host' : 'shape');
  return `https://${url.host.replace(SAME_DOMAIN, '.my.salesforce.com')}`;
}

/** `acme--uat` is a sandbox of `acme`, and has a domain of its own. */
function myDomain(name: string): string {
  return `https://${name}${name.includes('--') ? '.sandbox' : ''}.my.salesforce.com`;
}

function invalid(value: string, why: 'shape' | 'host'): FailureError {
  return new FailureError({ code: 'LOGIN_URL_INVALID', value, why });
}

/** The origin of an address that a token may be sent to. Throws `LOGIN_URL_INVALID` with what was given. */
export function safeOrigin(address: string, given = address): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !isSafeUrl(url)) throw invalid(given, 'shape');
  return url.origin;
}

/** Where the practice org is, which is started if it does not run. Throws `PRACTICE_ORG_FAILED`, `NOT_SUPPORTED` where there is none. */
export async function practiceOrgUrl(starter: BackendPorts['practiceOrg']): Promise<string> {
  if (!starter)
    throw new FailureError({ code: 'NOT_SUPPORTED', what: 'the practice org', instead: 'Sign in to an org instead.' });
  try {
    return (await starter.start()).url;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailureError({ code: 'PRACTICE_ORG_FAILED', reason });
  }
}
