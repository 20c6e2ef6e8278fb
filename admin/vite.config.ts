import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compileMessages } from './build/compileMessages.ts';
import { trimLocales } from './build/trimLocales.ts';

export default defineConfig({
  plugins: [compileMessages(), trimLocales(), react()],
  resolve: {
    alias: [
      // Messages are compiled at build time: the parser would only be weight.
      {
        find: /^@formatjs\/icu-messageformat-parser$/,
        replacement: '@formatjs/icu-messageformat-parser/no-parser.js',
      },
    ],
  },
  build: {
    target: 'es2022',
    // Everything from our own origin as a file: the content security policy allows no data: script or style.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'tests/unit/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/setup.ts'],
    // A hanging test is ended, a slow one on a busy machine is not.
    testTimeout: 60_000,
  },
});
