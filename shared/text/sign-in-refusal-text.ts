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
    next: `Copy it again (${APP} › Settings › OAuth Settings › Consumer Key and Secret). A new app takes a few minutes to work, and a sandbox knows only its own apps.`,
  },
  {
    error: 'invalid_client',
    title: 'Salesforce does not accept this consumer key with this consumer secret.',
    next: `Copy both again (${APP} › Settings › OAuth Settings › Consumer Key and Secret).`,
  },
  {
    error: 'invalid_app_access',
    title: 'This user is not allowed to use the app.',
    next: `Ask an admin to assign the app to the user’s profile or to a permission set (${APP} › Policies).`,
  },
  {
    error: 'invalid_grant',
    description: /^user hasn't approved this consumer/i,
    title: 'This user is not approved for the app, or is not known at this address.',
    next: `Check the username and the sign-in address. Then ask an admin to set Permitted Users to “Admin approved users are pre-authorized” in ${APP} › Policies, and to add the user’s profile or a permission set there.`,
  },
  {
    error: 'invalid_grant',
    description: /^(?:invalid assertion|invalid_grant$)/i,
    title: 'Salesforce did not accept the signature of this private key.',
    next: `Check that the key belongs to the certificate uploaded to the app, and that the JWT Bearer Flow is enabled for the app (${APP} › Settings).`,
  },
  {
    error: 'invalid_grant',
    description: /^(?:assertion is expired|expired assertion|invalid assertion.*expir)/i,
    title: 'Salesforce says the signed assertion has expired.',
    next: 'Correct this computer’s clock, then try again.',
  },
  {
    error: 'invalid_grant',
    description: /audience/i,
    title: 'This org does not accept signed assertions for this sign-in address.',
    next: 'Use the org’s My Domain. For a sandbox or scratch org, set --audience https://test.salesforce.com; otherwise, --audience https://login.salesforce.com.',
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
    title: 'Client credentials work only at the org’s own address.',
    next: 'Use its My Domain, such as acme.my.salesforce.com, as the sign-in address.',
  },
  {
    error: 'invalid_grant',
    description: /^authentication failure/i,
    title: 'Salesforce did not accept this username and password.',
    next: 'If you sign in from a new network, add the security token to the end of the password. If your org blocks this kind of sign-in (Setup › OAuth and OpenID Connect Settings › Allow OAuth Username-Password Flows), use a JWT or client credentials.',
  },
  {
    error: 'invalid_grant',
    description: /^(?:ip restricted|ip_restricted)/i,
    title: 'This user is not allowed to sign in from this network or at this time.',
    next: 'Ask an admin to check the login IP ranges and login hours of the user’s profile and of the app.',
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
  { error: 'inactive_org', title: 'This org is locked, closed, or suspended.', next: 'Ask your Salesforce admin.' },
  {
    error: 'redirect_uri_mismatch',
    title: 'The app does not list the callback URL that Longshore uses.',
    next: `Add ${callbackUrl()} (and the same URL with the ports ${OTHER_CALLBACK_PORTS}) to its callback URLs (${APP} › Settings › OAuth Settings).`,
  },
  {
    error: 'invalid_scope',
    title: 'The app does not have the scopes that Longshore asks for.',
    next: `Add the scopes “api” and “refresh_token, offline_access” (${APP} › Settings › OAuth Settings).`,
  },
  {
    error: 'unsupported_grant_type',
    title: 'The app does not allow this way to sign in.',
    next: `Ask an admin to enable the flow (${APP} › Settings and Policies), or sign in with your browser.`,
  },
  {
    error: 'rate_limit_exceeded',
    title: 'There were too many sign-ins in a short time.',
    next: 'Wait a few minutes, then try again.',
  },
];

/** By RFC 6749's error code and, where one code stands for several refusals, Salesforce's description. */
export function signInRefusalText(error: string, description: string): RefusalText {
  const known = KNOWN.find((one) => one.error === error && (one.description?.test(description) ?? true));
  if (known === undefined)
    return {
      title: `Salesforce refused the sign-in: ${description || error}.`,
      next: 'Try again. If it fails again, show this message to your Salesforce admin.',
    };
  return { title: known.title, next: known.next };
}
