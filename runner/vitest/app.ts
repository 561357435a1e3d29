/** A server as tests have it, before anybody listens: a fetch handler, or a request listener of Node. */

import { createServer, type RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FetchHandler } from '../send/in-process.js';
import { UsageError } from '../usage-error.js';

/**
 * The server under test.
 *
 * - A fetch handler, `(request) => Response`, or an object with the method `fetch`: Hono, a Next route handler, Bun, Deno. No port is
 *   opened.
 * - A request listener of Node, `(request, response) => void`: Express, Connect, `koa.callback()`. It listens on a free port of the
 *   loopback interface.
 * - An `http.Server`: Fastify's `app.server`, as supertest takes it. One that does not listen yet is started, and closed at the end.
 *
 * A function with at most one parameter counts as a fetch handler, every other one as a listener.
 */
export type App = FetchHandler | { fetch: FetchHandler } | RequestListener | Server;

/** The fetch handler that an app is, or `null` where it is a server of Node. Throws `UsageError` for something that is no server. */
export function fetchOf(app: App): FetchHandler | null {
  if (app instanceof Server) return null;
  if (hasFetch(app)) return (request) => app.fetch(request);
  if (typeof app === 'function') return app.length <= 1 ? (app as FetchHandler) : null;
  throw new UsageError(
    `app: expected a fetch handler, a request listener of Node, or an http.Server, got ${app === null ? 'null' : typeof app}`,
  );
}

/** The address of a server of Node, started on a free port of the loopback interface unless it listens already. */
export async function listening(app: App): Promise<{ url: string; close(): Promise<void> }> {
  const server = app instanceof Server ? app : createServer(app as RequestListener);
  if (server.listening) return { url: addressOf(server), close: async () => {} };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: addressOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Express apps are functions with many properties, none of which is `fetch`. */
const hasFetch = (app: App): app is { fetch: FetchHandler } =>
  app !== null && app !== undefined && typeof (app as { fetch?: unknown }).fetch === 'function';

function addressOf(server: Server): string {
  const address = server.address() as AddressInfo | string | null;
  if (address === null || typeof address === 'string')
    throw new UsageError('app: this server listens on no port, so nothing can be sent to it');
  const host = address.address === '::' || address.address === '0.0.0.0' ? '127.0.0.1' : address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
