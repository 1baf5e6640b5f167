import { defineConfig } from 'vite';

/** Builds the viewer into `dist/viewer`; in development it takes its data from a running `windhover watch --port 8700`. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: { outDir: '../dist/viewer', emptyOutDir: true, chunkSizeWarningLimit: 1500 },
  server: { proxy: { '/api': 'http://127.0.0.1:8700', '/data': 'http://127.0.0.1:8700' } },
});
