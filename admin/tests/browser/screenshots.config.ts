import { defineConfig } from 'vitest/config';

// `STACK_URL=http://127.0.0.1:PORT npm run screenshots` writes admin/screenshots/.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browser/screenshots.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
