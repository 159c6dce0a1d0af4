import { registerHooks } from 'node:module';

/** Loaded before a host: the system's keychain is then the stand-in. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@napi-rs/keyring')
      return { url: new URL('./keyring.ts', import.meta.url).href, shortCircuit: true };
    return next(specifier, context);
  },
});
