import { callbackUrl, OTHER_CALLBACK_PORTS } from '../../../shared/domain/sign-in-callback.ts';

/**
 * Where an admin makes the app and finds its key. Salesforce Help, "Create an External Client App" and "Configure the External
 * Client App OAuth Settings"; the words of its screens as of Winter '26.
 */
export function KeyHelp() {
  return (
    <details className="help">
      <summary>Where do I find the consumer key?</summary>
      <p>
        In Salesforce: <strong>Setup › App Manager</strong> (or search Setup for{' '}
        <strong>External Client App Manager</strong>) › your app › <strong>Settings › OAuth Settings</strong> ›{' '}
        <strong>Consumer Key and Secret</strong>. Salesforce asks for a verification code first. Longshore needs only
        the key. Keep the secret to yourself.
      </p>
      <p>No app yet? An admin creates one for everyone:</p>
      <ol>
        <li>
          <strong>New External Client App</strong>, with any name; Distribution State <strong>Local</strong>;{' '}
          <strong>Enable OAuth</strong>.
        </li>
        <li>
          Callback URLs, one per line: <code>{callbackUrl()}</code>, and the same URL with the ports{' '}
          {OTHER_CALLBACK_PORTS} in case that port is in use.
        </li>
        <li>
          OAuth Scopes: <strong>Manage user data via APIs (api)</strong> and{' '}
          <strong>Perform requests at any time (refresh_token, offline_access)</strong>.
        </li>
        <li>
          Security: leave <strong>Require Proof Key for Code Exchange (PKCE)</strong> on; switch both{' '}
          <strong>Require secret</strong> settings off, because a program on your computer can’t keep a secret.
        </li>
        <li>Create. The app takes a few minutes to work. A sandbox needs its own app, or a refresh.</li>
      </ol>
    </details>
  );
}
