import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The grid is the heaviest part and the home screen does without it; what is ours is divided by what `boot.ts` takes in turn. */
function chunkOf(id: string): string | undefined {
  if (id.includes('ag-grid')) return 'grid';
  if (id.includes('node_modules/zod')) return 'zod';
  return id.includes('node_modules') && !id.endsWith('.css') ? 'libraries' : undefined;
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, because the desktop serves the same files under its own scheme.
  base: './',
  plugins: [react()],
  // Each host puts a fresh nonce in the place of this word with every page it serves.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('../dist/renderer', import.meta.url)),
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2500,
    rollupOptions: {
      output: {
        manualChunks: chunkOf,
      },
    },
  },
});
