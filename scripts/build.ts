import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import { refuseTopLevelAwait } from './top-level-await.ts';

/** Builds the renderer and the desktop host into `dist/`. The browser host and the CLI run from their sources. */
const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

function desktop(entries: Record<string, string>, format: 'es' | 'cjs', emptyOutDir: boolean): InlineConfig {
  return {
    configFile: false,
    root: path('.'),
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node24',
      outDir: path('dist/desktop'),
      emptyOutDir,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path(file)])),
        external: ['electron'],
        output: {
          format,
          entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
    ssr: { noExternal: [], external: true },
  };
}

await build({ configFile: path('renderer/vite.config.ts'), logLevel: 'warn' });
await build(
  desktop(
    {
      main: 'electron/hosts/desktop/main.ts',
      'staging-process': 'electron/backend/staging-process.ts',
      'practice-org': 'electron/practice-org/main.ts',
    },
    'es',
    true,
  ),
);
await refuseTopLevelAwait(path('dist/desktop/main.js'));
await build(desktop({ preload: 'electron/hosts/desktop/preload.ts' }, 'cjs', false));
// The practice org reads its schema and its page beside its own file.
for (const part of ['schema/objects', 'schema/features', 'schema/org.json', 'admin/page'])
  await cp(path(`electron/practice-org/${part}`), path(`dist/desktop/${part.replace(/^\w+\//, '')}`), {
    recursive: true,
  });
