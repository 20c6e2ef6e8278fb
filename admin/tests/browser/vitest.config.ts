import { defineConfig } from 'vitest/config';

// Against the real stack: `STACK_URL=http://127.0.0.1:PORT npm run test:browser`.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser at a time: two would only slow each other down.
    fileParallelism: false,
  },
});
