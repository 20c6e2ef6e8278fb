import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(() => {
  cleanup();
});

// What is awaited on a busy machine takes longer than the library's second.
configure({ asyncUtilTimeout: 30_000 });
