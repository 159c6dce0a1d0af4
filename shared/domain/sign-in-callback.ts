/**
 * Ports that a sign-in in the browser can come back to. The first is the one the official CLI uses, so that an app made for it
 * works here too. 1719, 1720 and 1723 are left out: browsers go to none of them (ERR_UNSAFE_PORT;
 * https://fetch.spec.whatwg.org/#port-blocking).
 */
export const CALLBACK_PORTS = [1717, 1718, 1721, 1722] as const;

export const CALLBACK_PATH = '/OauthRedirect';

/** What an app's callback URLs must name, one for each port. */
export function callbackUrl(port: number = CALLBACK_PORTS[0]): string {
  return `http://localhost:${port}${CALLBACK_PATH}`;
}

const [, ...others] = CALLBACK_PORTS;

/** “1718, 1721 and 1722”. */
export const OTHER_CALLBACK_PORTS = `${others.slice(0, -1).join(', ')} and ${others.at(-1)}`;
