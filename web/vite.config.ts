// How the page is built: hashed files for ever, no inline script or style, Loro's WebAssembly as a file of its own.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precache } from './precache-plugin.ts';
import { preloadWasm } from './preload-plugin.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), preloadWasm(), precache()],
  resolve: {
    // The build of Loro that is told where its WebAssembly is, so that it is compiled while it arrives, and cached by itself.
    alias: [{ find: /^loro-crdt$/, replacement: 'loro-crdt/web' }],
    dedupe: ['loro-crdt'],
  },
  build: {
    target: 'es2023',
    outDir: 'dist',
    // The page's policy allows no `data:` addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        // What the first screen needs in one file: of many a browser asks for six at a time, and each costs it and the server alike.
        codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] },
      },
    },
  },
});
