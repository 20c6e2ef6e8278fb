import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('the API’s types are those of the OpenAPI document', () => {
  expect(() => execFileSync('node', ['scripts/generate-api.mjs', '--check'], { stdio: 'pipe' })).not.toThrow();
});
