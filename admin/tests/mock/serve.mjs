// Serves the built page with the mock API: `npm run mock [PORT]`. Never part of what is shipped.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMock } from './api.mjs';

const dist = new URL('../../dist/', import.meta.url);
const csp = readFileSync(new URL('../../CSP.txt', import.meta.url), 'utf8').trim();
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function serve(port) {
  const answer = createMock();
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (url.pathname === '/local/token') {
        const claims = {
          account: url.searchParams.get('account'),
          sub: 'demo',
          scope: url.searchParams.get('scope') ?? 'admin:read admin:write',
        };
        response.end(`${encode({ alg: 'none' })}.${encode(claims)}.x`);
        return;
      }
      const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : undefined;
      const answered = answer(request.method, url, body, request.headers);
      if (answered) {
        response.writeHead(answered[0], {
          'content-type': answered[0] < 400 ? 'application/json' : 'application/problem+json',
        });
        response.end(answered[1] === undefined ? undefined : JSON.stringify(answered[1]));
        return;
      }
      try {
        const path = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
        const file = readFileSync(new URL(path, dist));
        response.writeHead(200, {
          'content-type': types[extname(path)] ?? 'application/octet-stream',
          'content-security-policy': csp,
        });
        response.end(file);
      } catch {
        response.writeHead(404).end();
      }
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await serve(Number(process.argv[2] ?? 0));
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
}
