import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

test('electron-builder.yml is valid by electron-builder’s own schema', () => {
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const schema = JSON.parse(
    readFileSync(join(dirname(builder.resolve('app-builder-lib/package.json')), 'scheme.json'), 'utf8'),
  ) as object;
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  expect(validate(load(read('electron-builder.yml'))), JSON.stringify(validate.errors, null, 1)).toBe(true);
});

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      optionalDependencies: z.record(z.string(), z.string()).optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

test('the lock holds every platform’s optional packages, so that npm ci works on all of them', () => {
  const { packages } = Lock.parse(JSON.parse(read('package-lock.json')));
  const missing: string[] = [];
  for (const [at, { optionalDependencies }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies ?? {})) {
      let base: string | null = at;
      while (base !== null && !packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`]) {
        const parent = base.lastIndexOf('node_modules/');
        base = base === '' ? null : parent <= 0 ? '' : base.slice(0, parent - 1);
      }
      if (base === null) missing.push(`${at} → ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test('no package runs more at install than the harmless ones known', () => {
  const { packages } = Lock.parse(JSON.parse(read('package-lock.json')));
  const scripts = Object.entries(packages).flatMap(([at, { hasInstallScript }]) =>
    hasInstallScript ? [at.replace(/^.*node_modules\//, '')] : [],
  );
  // core-js prints a banner, fsevents is macOS only and prebuilt, electron-winstaller picks a bundled 7-Zip on Windows.
  expect(
    scripts.filter((name) => !['core-js', 'core-js-pure', 'fsevents', 'electron-winstaller'].includes(name)),
  ).toEqual([]);
});

test('the lock names no host to download from', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});
