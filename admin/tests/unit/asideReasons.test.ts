import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REASONS } from '../../src/settings/asideGroups';

it('has words for every reason for which ingestion keeps something aside', () => {
  const source = readFileSync('../shared/intake/src/reason.rs', 'utf8');
  const variants = /pub enum Code \{([^}]*)\}/.exec(source)?.[1] ?? '';
  const codes = [...variants.matchAll(/^ {4}([A-Z]\w+),$/gm)].map(([, name = '']) =>
    name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase(),
  );
  expect(codes.length).toBeGreaterThan(10);
  expect([...REASONS].sort()).toEqual(codes.sort());
});
