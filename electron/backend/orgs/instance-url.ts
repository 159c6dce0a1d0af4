/**
 * Domains that Salesforce serves orgs from (Salesforce Help 000003652, as the official CLI's library reads it: sfdx-core,
 * `SfdcUrl.isSalesforceDomain`; Help, "My Domain URL Formats"; `.mil` is Government Cloud Plus for the Department of Defense).
 */
const SALESFORCE_DOMAINS = [
  '.salesforce.com',
  '.force.com',
  '.cloudforce.com',
  '.visualforce.com',
  '.salesforce-setup.com',
  '.salesforce.mil',
];

/** Host names of this machine, as URLs spell them. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a host is one of Salesforce's. */
export function isSalesforceHost(hostname: string): boolean {
  return SALESFORCE_DOMAINS.some((domain) => hostname.endsWith(domain));
}

/** Whether a token may be sent there at all: never in plain text but on this machine, and to no address with a password in it. */
export function isSafeUrl(url: URL): boolean {
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  return safe && url.username === '' && url.password === '';
}

/**
 * The origin of an instance URL that a token answer named, or null if no token may be sent there. It may be the host that
 * was signed in at, one of Salesforce's, or, after a sign-in on this machine, one of this machine.
 */
export function allowedInstance(instanceUrl: string, loginUrl: string): string | null {
  if (!URL.canParse(instanceUrl) || !URL.canParse(loginUrl)) return null;
  const [instance, login] = [new URL(instanceUrl), new URL(loginUrl)];
  if (!isSafeUrl(instance)) return null;
  const allowed =
    instance.host === login.host ||
    (isLoopback(instance.hostname) && isLoopback(login.hostname)) ||
    (instance.protocol === 'https:' && isSalesforceHost(instance.hostname));
  return allowed ? instance.origin : null;
}
