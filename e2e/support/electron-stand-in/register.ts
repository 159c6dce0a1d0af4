import { registerHooks } from 'node:module';

/** Loaded before the desktop host: `electron` then means the stand-in, for the host and for electron-store alike. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') return { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true };
    return next(specifier, context);
  },
});
