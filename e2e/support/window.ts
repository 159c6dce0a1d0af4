import type { Page } from '@playwright/test';

/** One running Longshore, whatever host it runs in. */
export interface LongshoreApp {
  readonly page: Page;
  /** The address that the person is sent to for signing in. */
  signInAddress(): Promise<string>;
  /** The page the person is sent to for signing in, as a browser of their own would open it. */
  signInPage(): Promise<Page>;
  /** Hands a file to the window as a drop does. */
  drop(paths: string[]): Promise<void>;
  /** Answers the file chooser that something opens. */
  choose(paths: string[], opens: () => Promise<void>): Promise<void>;
  /** Clicks what saves a file and gives back what was saved. */
  saveFile(click: () => Promise<void>): Promise<string>;
  /** Sets the practice org's fault plan. */
  faults(rules: unknown[]): Promise<void>;
  /** Sets how many API calls the practice org takes a day. */
  limitApi(calls: number): Promise<void>;
  close(): Promise<void>;
}

/** The page is shown before the window in it is: what is dropped or pressed until then is lost. */
export async function isThere(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Longshore home' }).waitFor();
}

/** Drops real bytes on the page: a DataTransfer made in it, as no test can move a real mouse from a file manager. */
export async function dropBytes(page: Page, files: { name: string; bytes: Buffer }[]): Promise<void> {
  // Also after the page was loaded anew.
  await isThere(page);
  const transfer = await page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([bytes], name));
      }
      return data;
    },
    files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })),
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}
