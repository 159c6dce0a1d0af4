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
        <strong>Consumer Key and Secret</strong>. Salesforce asks for a verification code first. Longshore needs the key
        only; keep the secret to yourself.
      </p>
      <p>There is no app yet? An admin makes one once for everybody:</p>
      <ol>
        <li>
          <strong>New External Client App</strong>, with any name; Distribution State <strong>Local</strong>;{' '}
          <strong>Enable OAuth</strong>.
        </li>
        <li>
          Callback URLs, one a line: <code>{callbackUrl()}</code>, and the same with the ports {OTHER_CALLBACK_PORTS}{' '}
          for when that one is taken.
        </li>
        <li>
          OAuth Scopes: <strong>Manage user data via APIs (api)</strong> and{' '}
          <strong>Perform requests at any time (refresh_token, offline_access)</strong>.
        </li>
        <li>
          Security: leave <strong>Require Proof Key for Code Exchange (PKCE)</strong> on; switch both{' '}
          <strong>Require secret</strong> settings off, since a program on your own computer can’t keep one.
        </li>
        <li>Create. The app works after some minutes; a sandbox needs its own, or a refresh.</li>
      </ol>
    </details>
  );
}
