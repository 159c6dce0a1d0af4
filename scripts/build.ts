import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import { LOADERS, packedPackages, type Target } from './pack/natives.ts';
import { collectPackages, readNotices, writeNotices } from './pack/notices.ts';
import { refuseTopLevelAwait } from './top-level-await.ts';

/**
 * Builds the renderer, the desktop host and the command line into `dist/`, with the licences of all that is in them. The browser host runs
 * from its sources, and so does the command line where it was not built.
 */
const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const bundled = new Set<string>();

/** Whole: the packed app has no `node_modules` but for what finds and holds the native parts. */
function forNode(
  outDir: string,
  entries: Record<string, string>,
  format: 'es' | 'cjs',
  emptyOutDir: boolean,
): InlineConfig {
  return {
    configFile: false,
    root: path('.'),
    logLevel: 'warn',
    plugins: [collectPackages(bundled)],
    build: {
      ssr: true,
      target: 'node24',
      outDir: path(outDir),
      emptyOutDir,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path(file)])),
        external: ['electron', ...LOADERS],
        output: {
          format,
          entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
    ssr: { noExternal: true, external: ['electron', ...LOADERS] },
  };
}

await build({
  configFile: path('renderer/vite.config.ts'),
  logLevel: 'warn',
  plugins: [collectPackages(bundled)],
});
/** Processes of their own, beside the host that starts them. */
const CHILDREN = {
  'staging-process': 'electron/backend/staging-process.ts',
  'practice-org': 'electron/practice-org/main.ts',
};
await build(forNode('dist/desktop', { main: 'electron/hosts/desktop/main.ts', ...CHILDREN }, 'es', true));
await refuseTopLevelAwait(path('dist/desktop/main.js'));
await build(forNode('dist/desktop', { preload: 'electron/hosts/desktop/preload.ts' }, 'cjs', false));
await build(forNode('dist/cli', { main: 'electron/hosts/cli/main.ts', ...CHILDREN }, 'es', true));
// The practice org reads its schema and its page beside its own file.
for (const host of ['desktop', 'cli'])
  for (const part of ['schema/objects', 'schema/features', 'schema/org.json', 'admin/page'])
    await cp(path(`electron/practice-org/${part}`), path(`dist/${host}/${part.replace(/^\w+\//, '')}`), {
      recursive: true,
    });
await writeNotices(path('dist/THIRD-PARTY-NOTICES.txt'), await readNotices([...bundled, ...packed()]));

/** The native parts have the same licences on every system; here only this machine's are installed. */
function packed(): string[] {
  const { platform, arch } = process;
  return packedPackages({ platform, arch } as Target).map((name) => path(`node_modules/${name}`));
}
