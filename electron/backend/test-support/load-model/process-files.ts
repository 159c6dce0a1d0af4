import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** What a backend and its staging engine run. */
export interface ProcessFiles {
  readonly backend: string;
  readonly staging: string;
}

export const SOURCES: ProcessFiles = {
  backend: fileURLToPath(new URL('./backend-child.ts', import.meta.url)),
  staging: fileURLToPath(new URL('../../staging-process.ts', import.meta.url)),
};

/**
 * Some thousand processes are killed, and what is then waited for is a new one that reads some hundred sources. Bundled, as the
 * desktop app is, it starts in less than half the time.
 */
export async function bundleProcesses(): Promise<{ readonly files: ProcessFiles; remove(): Promise<void> }> {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  await mkdir(join(root, '.cache'), { recursive: true });
  // Inside the project, where the native packages are found.
  const outDir = await mkdtemp(join(root, '.cache', 'load-model-'));
  const external = ['@duckdb/node-api', '@napi-rs/keyring'];
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      minify: false,
      rollupOptions: {
        input: { ...SOURCES },
        external,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
    ssr: { noExternal: true, external },
  });
  return {
    files: { backend: join(outDir, 'backend.js'), staging: join(outDir, 'staging.js') },
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
