#!/usr/bin/env node
// What `longshore` runs, in what Node reads without a loader: the command line as it was built, which starts several times as fast, or its
// sources where nothing was built. What V8 has compiled is kept for the next start, in the user's own cache.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import envPaths from 'env-paths';

const { directory } = enableCompileCache(join(envPaths('Longshore', { suffix: '' }).cache, 'compiled'));
// The staging process is Node's as well.
if (directory !== undefined) process.env.NODE_COMPILE_CACHE = directory;
const built = new URL('../../../dist/cli/main.js', import.meta.url);
await import(existsSync(built) ? built.href : './main.ts');
