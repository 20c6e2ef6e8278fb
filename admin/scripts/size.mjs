// Fails when the JavaScript that the first view loads is heavier than it may be. Reads the build's manifest.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 190_000;

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** What the overview loads beside its entry: one language and one kind of session. */
const FIRST_VIEWS = {
  local: ['src/messages/pt-BR.json', 'src/session/localSession.ts'],
  cloud: ['src/messages/pt-BR.json', 'src/session/oidcSession.ts'],
};

function withImports(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const each of manifest[name].imports ?? []) withImports(each, found);
  return found;
}

let failed = false;
for (const [view, parts] of Object.entries(FIRST_VIEWS)) {
  const names = new Set(['index.html', ...parts].flatMap((part) => [...withImports(part)]));
  const files = [...names].map((name) => manifest[name].file);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0);
  failed ||= bytes > LIMIT_BYTES;
  console.log(
    `first load, ${view}: ${(bytes / 1000).toFixed(1)} kB gzip of JavaScript in ${files.length} files (limit ${LIMIT_BYTES / 1000})`,
  );
}
process.exit(failed ? 1 : 0);
