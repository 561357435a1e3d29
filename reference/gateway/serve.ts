import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gateway, type GatewayOptions } from './gateway.js';

export interface RunningGateway {
  /** Base URL for its clients. */
  url: string;
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

/** How long a gateway that has ended is away. */
const AWAY_MS = 300;

/** Starts a gateway on a port of the loopback interface; 0 (the default) picks a free one. */
export async function startGateway(options: GatewayOptions & { port?: number }): Promise<RunningGateway> {
  const gateway = new Gateway({ ...options, crash });
  const server = createServer((request, response) => {
    gateway.handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let isOver = false;
  let restart: NodeJS.Timeout | undefined;
  function crash(): void {
    server.close();
    server.closeAllConnections();
    restart ??= setTimeout(() => {
      restart = undefined;
      if (!isOver) server.listen(port, '127.0.0.1');
    }, AWAY_MS);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        isOver = true;
        clearTimeout(restart);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
