import { app } from 'electron';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The same as in electron-builder.yml: Windows shows notifications only of an app whose shortcut has this id. */
const APP_ID = 'com.longshore.desktop';

/** Where the product is at home, as the app's own package.json has it. */
export function readHomepage(): string | null {
  const text = readFileSync(join(app.getAppPath(), 'package.json'), 'utf8');
  return z.object({ homepage: z.url({ protocol: /^https$/ }).optional() }).parse(JSON.parse(text)).homepage ?? null;
}

/** Who the app is, to a person and to Windows. */
export function aboutLongshore(homepage: string | null): void {
  app.setAppUserModelId(APP_ID);
  app.setAboutPanelOptions({
    applicationName: 'Longshore',
    applicationVersion: app.getVersion(),
    copyright: '© 2026 Longshore. MIT license.',
    credits: 'A data loader for Salesforce that shows exactly what will change before anything changes.',
    ...(homepage === null ? {} : { website: homepage }),
  });
}
