// Fails when the JavaScript that the first view loads is heavier than it may be. Reads the build's manifest.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 190_000;

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** What the overview loads: its entry and one language, the longest. */
const FIRST_VIEW = ['index.html', 'src/messages/es.json'];

function withImports(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const each of manifest[name].imports ?? []) withImports(each, found);
  return found;
}

const names = new Set(FIRST_VIEW.flatMap((part) => [...withImports(part)]));
const files = [...names].map((name) => manifest[name].file);
const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0);
console.log(
  `first load: ${(bytes / 1000).toFixed(1)} kB gzip of JavaScript in ${files.length} files (limit ${LIMIT_BYTES / 1000})`,
);
process.exit(bytes > LIMIT_BYTES ? 1 : 0);
