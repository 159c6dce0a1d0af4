import { callbackUrl, OTHER_CALLBACK_PORTS } from '../domain/sign-in-callback.ts';

/** What Salesforce's refusals of a sign-in mean, and what to do about them. */
interface RefusalText {
  readonly title: string;
  readonly next: string;
}

interface Known extends RefusalText {
  readonly error: string;
  /** What the description begins with; Salesforce tells the kinds of `invalid_grant` apart in no other way. */
  readonly description?: RegExp;
}

const APP = 'Setup › External Client App Manager › your app';

/**
 * Salesforce Help, "OAuth 2.0 Authorization Errors" (remoteaccess_oauth_flow_errors), and for the kinds of `invalid_grant` that it
 * does not list: Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow", forcedotcom/cli issues 1028 and 3325,
 * restforce issue 674.
 */
const KNOWN: readonly Known[] = [
  {
    error: 'access_denied',
    title: 'Access was not allowed on the Salesforce page.',
    next: 'Try again and choose Allow.',
  },
  {
    error: 'invalid_client_id',
    title: 'Salesforce does not know this consumer key at this address.',
    next: `Copy it again (${APP} › Settings › OAuth Settings › Consumer Key and Secret). A new app works after some minutes, and a sandbox knows only its own apps.`,
  },
  {
    error: 'invalid_client',
    title: 'Salesforce does not take this consumer key with this consumer secret.',
    next: `Copy both again (${APP} › Settings › OAuth Settings › Consumer Key and Secret).`,
  },
  {
    error: 'invalid_app_access',
    title: 'This user may not use the app.',
    next: `Ask an admin to give the app to the user’s profile or a permission set (${APP} › Policies).`,
  },
  {
    error: 'invalid_grant',
    description: /^user hasn't approved this consumer/i,
    title: 'This user has not been approved for the app, or is not known at this address.',
    next: `Ask an admin: in ${APP} › Policies, Permitted Users “Admin approved users are pre-authorized”, and the user’s profile or a permission set. Check the user name and the sign-in address as well.`,
  },
  {
    error: 'invalid_grant',
    description: /^(?:invalid assertion|invalid_grant$)/i,
    title: 'Salesforce did not accept what was signed with the private key.',
    next: `Check that the key belongs to the certificate that was uploaded to the app, and that the app has the JWT Bearer Flow enabled (${APP} › Settings).`,
  },
  {
    error: 'invalid_grant',
    description: /^(?:assertion is expired|expired assertion|invalid assertion.*expir)/i,
    title: 'Salesforce took the signed assertion for an expired one.',
    next: 'Set this computer’s clock, then try again.',
  },
  {
    error: 'invalid_grant',
    description: /audience/i,
    title: 'The sign-in address is not the one this org takes for signed assertions.',
    next: 'Use the org’s My Domain; for a sandbox or scratch org --audience https://test.salesforce.com, else --audience https://login.salesforce.com.',
  },
  {
    error: 'invalid_grant',
    description: /^no client credentials user/i,
    title: 'The app has no user to run as.',
    next: `Ask an admin to enable the Client Credentials Flow and choose its user (${APP} › Policies).`,
  },
  {
    error: 'invalid_grant',
    description: /^request not supported on this domain/i,
    title: 'Client credentials are taken at the org’s own address only.',
    next: 'Give its My Domain, such as acme.my.salesforce.com, as the sign-in address.',
  },
  {
    error: 'invalid_grant',
    description: /^authentication failure/i,
    title: 'Salesforce did not accept this user name with this password.',
    next: 'Put the security token behind the password if you sign in from a new network. Orgs may block this way altogether (Setup › OAuth and OpenID Connect Settings › Allow OAuth Username-Password Flows); then use a JWT or client credentials.',
  },
  {
    error: 'invalid_grant',
    description: /^(?:ip restricted|ip_restricted)/i,
    title: 'This user may not sign in from this network, or not at this hour.',
    next: 'Ask an admin for the login IP ranges and hours of the user’s profile and of the app.',
  },
  {
    error: 'invalid_grant',
    description: /^(?:expired authorization code|invalid code verifier)/i,
    title: 'The sign-in took too long or was used twice.',
    next: 'Sign in again.',
  },
  {
    error: 'inactive_user',
    title: 'This user is not active.',
    next: 'Ask an admin to activate or unfreeze the user.',
  },
  { error: 'inactive_org', title: 'This org is locked, closed or suspended.', next: 'Ask your Salesforce admin.' },
  {
    error: 'redirect_uri_mismatch',
    title: 'The app does not list the callback URL that Longshore uses.',
    next: `Add ${callbackUrl()} (and the same with the ports ${OTHER_CALLBACK_PORTS}) to its callback URLs (${APP} › Settings › OAuth Settings).`,
  },
  {
    error: 'invalid_scope',
    title: 'The app does not have the scopes that Longshore asks for.',
    next: `Give it “api” and “refresh_token, offline_access” (${APP} › Settings › OAuth Settings).`,
  },
  {
    error: 'unsupported_grant_type',
    title: 'The app does not allow this way to sign in.',
    next: `Ask an admin to enable the flow (${APP} › Settings and Policies), or sign in in your browser.`,
  },
  {
    error: 'rate_limit_exceeded',
    title: 'There were too many sign-ins in a short time.',
    next: 'Wait some minutes, then try again.',
  },
];

/** By RFC 6749's error code and, where one code stands for several refusals, Salesforce's description. */
export function signInRefusalText(error: string, description: string): RefusalText {
  const known = KNOWN.find((one) => one.error === error && (one.description?.test(description) ?? true));
  if (known === undefined)
    return {
      title: `Salesforce refused the sign-in: ${description || error}.`,
      next: 'Try again; if it stays, give this message to your Salesforce admin.',
    };
  return { title: known.title, next: known.next };
}
