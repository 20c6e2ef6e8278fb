import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the host heard from its frame, and from where. */
export interface Heard {
  origin: string;
  data: unknown;
}

const page = (frame: string): string => `<!doctype html>
<html lang="pt-BR">
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>Admin</title>
  <body style="margin: 0">
    <div style="height: 60px">Admin</div>
    <iframe id="app" title="app" src="${frame.replaceAll('&', '&amp;')}" style="display: block; width: 100%; height: 600px; border: 0"></iframe>
    <script>
      window.heard = [];
      addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));
    </script>
  </body>
</html>`;

/** A stand-in for the VTEX Admin: a page at an origin of its own with ours in a frame. It hears what the frame says. */
export class Host {
  private readonly server: Server;

  private constructor(private readonly name: string) {
    this.server = createServer((request, response) => {
      const frame = new URL(request.url ?? '/', this.url).searchParams.get('frame') ?? '';
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(frame));
    });
  }

  /** `localhost` is another site than 127.0.0.1, where the page is: browsers refuse its frame any storage. */
  static async start(name: 'localhost' | '127.0.0.1' = 'localhost'): Promise<Host> {
    const host = new Host(name);
    await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get url(): string {
    return `http://${this.name}:${(this.server.address() as AddressInfo).port}`;
  }

  /** The address of the host's page with a frame of another. */
  around(frame: string): string {
    return `/?${new URLSearchParams({ frame }).toString()}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
