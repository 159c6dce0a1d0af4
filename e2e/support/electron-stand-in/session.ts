type RequestHandler = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string; isMainFrame: boolean },
) => void;
type CheckHandler = (contents: unknown, permission: string, requestingOrigin: string, details: object) => boolean;

/** Electron's default session. Without handlers everything is granted ("session", `setPermissionRequestHandler`; "Security", 5). */
export class Session {
  #request: RequestHandler | null = null;
  #check: CheckHandler | null = null;

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#check = handler;
  }
  setDevicePermissionHandler(): void {
    // No device can be plugged into this.
  }
  resolveProxy(): Promise<string> {
    return Promise.resolve('DIRECT');
  }

  request(contents: unknown, permission: string, requestingUrl: string, answer: (granted: boolean) => void): void {
    if (this.#request === null) answer(true);
    else this.#request(contents, permission, answer, { requestingUrl, isMainFrame: true });
  }
  check(contents: unknown, permission: string, origin: string): boolean {
    return this.#check === null || this.#check(contents, permission, origin, {});
  }
}
export const defaultSession = new Session();
export const session = { defaultSession };
