import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

// The real parser, past the build's alias to the one without.
const { parse } = createRequire(import.meta.url)('@formatjs/icu-messageformat-parser') as {
  parse: (text: string) => Node[];
};

interface Node {
  type: number;
  value?: string;
  options?: Record<string, { value: Node[] }>;
}

const LOCALES = ['pt-BR', 'en-US', 'es'] as const;

/** Those of the first screen, and those that come with other views. */
const read = (locale: string): Record<string, string> =>
  ['', 'settings-', 'sending-', 'carts-'].reduce(
    (all, part) => ({
      ...all,
      ...(JSON.parse(readFileSync(`src/messages/${part}${locale}.json`, 'utf8')) as Record<string, string>),
    }),
    {},
  );

/** The names that a message's values must have; type 0 is plain text, 7 the number sign in a plural. */
const names = (nodes: Node[]): string[] =>
  nodes.flatMap((node) => [
    ...(node.type === 0 || node.type === 7 ? [] : [node.value ?? '']),
    ...Object.values(node.options ?? {}).flatMap((option) => names(option.value)),
  ]);

describe('messages', () => {
  const reference = read('pt-BR');

  it.each(LOCALES)('%s holds the same keys', (locale) => {
    expect(Object.keys(read(locale))).toEqual(Object.keys(reference));
  });

  it.each(LOCALES)('%s names the same values in every message', (locale) => {
    for (const [key, text] of Object.entries(read(locale))) {
      expect(new Set(names(parse(text))), key).toEqual(new Set(names(parse(reference[key] ?? ''))));
      expect(text.trim(), key).not.toBe('');
    }
  });

  it('are translated, not copied', () => {
    const [, en, es] = LOCALES.map(read);
    const copied = Object.keys(reference).filter(
      (key) => en?.[key] === reference[key] && (en?.[key] ?? '').includes(' '),
    );
    const copiedEs = Object.keys(reference).filter((key) => es?.[key] === en?.[key] && (es?.[key] ?? '').includes(' '));
    // The last is the name of a program and of its files.
    const same = ['history.by', 'report.xlsx'];
    expect(copied.filter((key) => !same.includes(key))).toEqual([]);
    expect(copiedEs.filter((key) => !same.includes(key))).toEqual([]);
  });
});
