import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLIENT_ID } from './issuer';
import { STACK_URL } from './stack';

const CSP = readFileSync('CSP.txt', 'utf8').trim();

/**
 * A stand-in for the distribution that stands before page and API in the cloud: it has a configuration of its own
 * and lets the page talk to the identity provider; the rest is the stack's.
 */
export class Edge {
  private readonly server: Server;

  private constructor(
    private readonly issuer: string,
    private readonly framedBy: string,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** `framedBy`: the origins whose pages may frame it, as the template's parameter names them. */
  static async start(issuer: string, framedBy = 'https://*.myvtex.com'): Promise<Edge> {
    const edge = new Edge(issuer, framedBy);
    await new Promise<void>((resolve) => edge.server.listen(0, '127.0.0.1', resolve));
    return edge;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    response.setHeader(
      'content-security-policy',
      CSP.replace("connect-src 'self'", `connect-src 'self' ${this.issuer}`).replace(
        /frame-ancestors [^;]+/,
        `frame-ancestors ${this.framedBy}`,
      ),
    );
    if (path === '/config.json') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ mode: 'oidc', issuer: this.issuer, clientId: CLIENT_ID }));
      return;
    }
    const { authorization } = request.headers;
    const answered = await fetch(STACK_URL + path, { headers: authorization ? { authorization } : {} });
    response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answered.arrayBuffer()));
  }
}
