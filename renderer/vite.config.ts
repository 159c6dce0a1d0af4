import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The grid is the heaviest part and the home screen does without it; what is ours is divided by what `boot.ts` takes in turn. */
function chunkOf(id: string): string | undefined {
  if (id.includes('ag-grid')) return 'grid';
  if (id.includes('node_modules/zod')) return 'zod';
  return id.includes('node_modules') && !id.endsWith('.css') ? 'libraries' : undefined;
}

const GRID_FRAME = { theirs: 'this.executeFrame.bind(this, 60)', ours: 'this.executeFrame.bind(this, 10)' };

/**
 * The grid draws its cells for up to 60 ms of each frame (AnimationFrameService.executeFrame) and has no option for it; whoever types
 * meanwhile waits. A sixth of that is drawn as quickly, in more frames.
 */
function shortGridFrames(): Plugin {
  let found = 0;
  return {
    name: 'short-grid-frames',
    transform: {
      filter: { id: /ag-grid-community/ },
      handler(code) {
        const pieces = code.split(GRID_FRAME.theirs);
        found += pieces.length - 1;
        return pieces.length > 1 ? { code: pieces.join(GRID_FRAME.ours), map: null } : null;
      },
    },
    buildEnd(error) {
      if (!error && found !== 1) this.error(`the grid’s frames are found ${found} times in its source, not once`);
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, because the desktop serves the same files under its own scheme.
  base: './',
  plugins: [react(), shortGridFrames()],
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
