import { registerHooks } from 'node:module';
import { join } from 'node:path';

// Nothing of a test may lie in the folder of the person who runs it.
process.env['LONGSHORE_DATA'] ??= join(process.env['LONGSHORE_STAND_IN_DATA'] ?? '/nonexistent', 'data');

/** Loaded before the desktop host: `electron` then means the stand-in, for the host and for electron-store alike. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') return { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true };
    return next(specifier, context);
  },
});
