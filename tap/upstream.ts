/** The server behind the tap: its address, and one connection to it for each connection of a client. */

import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { withoutEnd } from '../core/text.js';
import { type Connections, openConnections } from '../runner/send/connections.js';

/** The server's base URL, taken apart once. */
export interface Upstream {
  url: URL;
  /** Path of the base URL without a slash at its end. */
  path: string;
  isTls: boolean;
}

export function upstreamOf(baseUrl: string): Upstream {
  const url = new URL(baseUrl);
  return { url, path: withoutEnd(url.pathname, '/'), isTls: url.protocol === 'https:' };
}

/** The path at the server for what the client asked for; a client that takes the tap for a proxy sends a whole URL. */
export function pathAt({ path }: Upstream, asked: string): string {
  const own = /^https?:\/\/[^/?#]*(.*)$/is.exec(asked)?.[1] ?? asked;
  return `${path}${own.startsWith('/') ? '' : '/'}${own}`;
}

/**
 * Connections to the server, one for each connection of a client: what a server does with a connection (keeping it open, closing it
 * after an error) reaches the client, and no request meets a connection that somebody else left behind.
 */
export class PairedConnections {
  private readonly open = new Map<Socket, { connections: Connections; agent: Promise<Agent>; busy: number }>();
  private readonly known = new WeakSet<Socket>();

  constructor(private readonly upstream: Upstream) {}

  /** A request of this client begins: the agent for it, which has at most one socket. */
  begin(client: Socket): Promise<Agent> {
    let pair = this.open.get(client);
    if (pair === undefined) {
      const connections = openConnections(1, 0);
      pair = { connections, agent: connections.agentFor(this.upstream.url), busy: 0 };
      this.open.set(client, pair);
      client.once('close', () => {
        this.open.delete(client);
        connections.close();
      });
    }
    pair.busy += 1;
    return pair.agent;
  }

  /** A request of this client is over. */
  end(client: Socket): void {
    const pair = this.open.get(client);
    if (pair !== undefined) pair.busy -= 1;
  }

  /** When the server closes the connection between two requests, the client's is closed, too. */
  pair(client: Socket, server: Socket): void {
    if (this.known.has(server)) return;
    this.known.add(server);
    server.once('close', () => {
      if (this.open.get(client)?.busy === 0) client.end();
    });
  }

  close(): void {
    for (const { connections } of this.open.values()) connections.close();
    this.open.clear();
  }
}
