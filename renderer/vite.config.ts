import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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
        // The grid is the heaviest part and the home screen does without it.
        manualChunks: (id: string) => (id.includes('ag-grid') ? 'grid' : undefined),
      },
    },
  },
});
