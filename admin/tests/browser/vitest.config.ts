import { defineConfig } from 'vitest/config';
import { PATIENCE_MILLIS } from './patience';

// Against the real stack: `STACK_URL=http://127.0.0.1:PORT npm run test:browser`.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browser/**/*.test.ts'],
    // A test that hangs is ended; one that waits for a busy machine is not. An action's share: patience.ts.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: PATIENCE_MILLIS } },
    // One browser at a time: two would only slow each other down.
    fileParallelism: false,
  },
});
