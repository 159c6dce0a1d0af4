import { expect, test } from '@playwright/test';
import { startDesktopHarness } from './support/desktop-harness.ts';
import { WindowlessDesktop } from './support/windowless.ts';

/** Electron's checklist ("Security") as the running app holds it; docs/security.md says which test holds which point. */
test('the page is a secure one of ours, and sees of the preload what is exposed only, copied and frozen', async ({
  browser,
}) => {
  const app = await startDesktopHarness(browser);
  const seen = await app.page.evaluate(() => {
    const all = globalThis as unknown as Record<string, unknown>;
    const hidden = ['require', 'module', 'process', 'Buffer', 'electron', 'ipcRenderer', '__standIn', '__standInTell'];
    return {
      secure: window.isSecureContext,
      uuid: typeof crypto.randomUUID(),
      visible: hidden.filter((name) => name in all),
      exposed: Object.keys(all['longshore'] as object).toSorted(),
      kinds: [...new Set(Object.values(all['longshore'] as object).map((part) => typeof part))],
      frozen: Object.isFrozen(all['longshore']),
    };
  });
  expect(seen).toMatchObject({ secure: true, uuid: 'string', visible: [], frozen: true, kinds: ['function'] });
  expect(seen.exposed).toEqual(expect.arrayContaining(['call', 'cancel', 'handOver', 'subscribe']));
  for (const raw of ['on', 'once', 'send', 'invoke', 'ipcRenderer']) expect(seen.exposed).not.toContain(raw);
  // What the page hands over is cloned: a function is no value of a message.
  await expect(
    app.page.evaluate(() =>
      (window as unknown as { longshore: { call(request: unknown): Promise<unknown> } }).longshore.call({ f: () => 1 }),
    ),
  ).rejects.toThrow(/could not be cloned/);
  // Nor is a file that a script made one that lies anywhere.
  const answer = await app.page.evaluate(() =>
    (window as unknown as { longshore: { handOver(files: File[]): Promise<unknown> } }).longshore.handOver([
      new File(['x'], 'passwd'),
    ]),
  );
  expect(answer).toMatchObject({ ok: false, failure: { code: 'BAD_REQUEST' } });
  await app.close();
});

test('the page has no Node, a sandbox and a world of its own, and nothing of what Electron has off is on', async () => {
  const host = await WindowlessDesktop.start();
  const { url, preferences } = await host.until('load');
  expect(url).toBe('longshore://app/');
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    spellcheck: false,
  });
  await host.clear();
});

test('scripts, styles and connections that are not ours are refused by the page’s policy', async ({ browser }) => {
  const app = await startDesktopHarness(browser);
  const broken = await app.page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.head.append(script);
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    const frame = document.createElement('iframe');
    frame.src = 'https://elsewhere.example/';
    document.body.append(frame);
    await fetch('https://elsewhere.example/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve));
    return { seen: seen.toSorted(), ran: 'ran' in window };
  });
  expect(broken.ran).toBe(false);
  expect(broken.seen).toEqual(expect.arrayContaining(['connect-src', 'script-src-elem', 'style-src-elem']));
  await app.close();
});

test('the page goes nowhere, opens nothing and may use no device', async ({ browser }) => {
  const app = await startDesktopHarness(browser);
  const { host, page } = app;
  const home = page.url();
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://elsewhere.example/';
    document.body.append(link);
    link.click();
  });
  const popup = page.waitForEvent('popup');
  await page.evaluate(() => void window.open('https://elsewhere.example/'));
  const opened = await popup;
  if (!opened.isClosed()) await opened.waitForEvent('close');
  await expect(page.getByText('Drop a CSV anywhere')).toBeVisible();
  expect(page.url()).toBe(home);
  const asked = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications'] as const;
    const states = names.map(async (name) => (await navigator.permissions.query({ name })).state);
    return { states: await Promise.all(states), notify: await Notification.requestPermission() };
  });
  expect(asked).toEqual({ states: ['denied', 'denied'], notify: 'denied' });

  for (const url of [
    'https://elsewhere.example/',
    'longshore://app/',
    'longshore://app.example/',
    'file:///etc/passwd',
  ]) {
    for (const isMain of [true, false]) expect(await host.act({ kind: 'navigate', url, isMain }), url).toBe(false);
    expect(await host.act({ kind: 'open-window', url }), url).toBe(false);
    expect(await host.act({ kind: 'attach-webview', src: url }), url).toBe(false);
  }
  for (const permission of ['media', 'geolocation', 'clipboard-read', 'openExternal', 'hid', 'fullscreen']) {
    const origin = 'longshore://app/';
    expect(await host.act({ kind: 'request-permission', permission, url: origin }), permission).toBe(false);
    expect(await host.act({ kind: 'check-permission', permission, origin }), permission).toBe(false);
  }
  await app.close();
});

test('another page, and a frame inside ours, is answered nothing', async ({ browser }) => {
  const app = await startDesktopHarness(browser);
  const request = { callId: 'x', procedure: 'app.info', input: {} };
  for (const frame of [
    { url: 'https://elsewhere.example/', isMain: true },
    { url: 'longshore://app.example/', isMain: true },
    { url: 'longshore://app/', isMain: false },
  ]) {
    const answer = await app.host.invoke('backend', [request], frame);
    expect(answer).toMatchObject({ ok: false, failure: { code: 'BAD_REQUEST' } });
  }
  // A channel that is not there, in Electron's words.
  await expect(app.host.invoke('shell', ['rm'])).rejects.toThrow(
    "Error invoking remote method 'shell': Error: No handler registered for 'shell'",
  );
  await app.close();
});
