/** The reference endpoint behind a server that puts its answers into other words of HTTP. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { startEndpoint } from '../../reference/serve.js';

/** Writes one answer to the connection that its request came on, and ends it. */
export type Bridge = (answer: {
  socket: Socket;
  /** Number and reason, as in a status line. */
  status: string;
  /** Header lines without those about length and coding, each with its line end. */
  headers: string;
  body: Buffer;
}) => void;

export async function bridge(write: Bridge, apiKey: string): Promise<{ url: string; close(): Promise<void> }> {
  const endpoint = await startEndpoint({ apiKey, models: ['m'] });
  const server = createServer(async (request) => {
    const { socket } = request;
    socket.on('error', () => {});
    const answer = await fetch(`${endpoint.url}${request.url}`, await asSent(request));
    const headers = [...answer.headers]
      .filter(([name]) => !/^(content-length|transfer-encoding|connection|keep-alive)$/.test(name))
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const body = Buffer.from(await answer.arrayBuffer());
    write({
      socket,
      status: `${answer.status} ${answer.statusText}`,
      headers: `${headers.join('')}connection: close\r\n`,
      body,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await endpoint.close();
    },
  };
}

async function asSent(request: IncomingMessage): Promise<RequestInit> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  return {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(parts.length > 0 ? { body: Buffer.concat(parts) } : {}),
  };
}
