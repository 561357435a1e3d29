import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes bytes between a client and a server on loopback, and keeps them as they came. */
export interface Relay {
  url: string;
  /** Bytes of the client and of the server, latin1, in the order of their arrival, whatever connection they came over. */
  bytes: { sent: string; received: string };
  close(): Promise<void>;
}

export function relay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const bytes: Relay['bytes'] = { sent: '', received: '' };
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (data) => {
      bytes.sent += data.toString('latin1');
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      bytes.received += data.toString('latin1');
      client.write(data);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('end', () => client.end());
    upstream.on('close', () => client.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port: own } = server.address() as { port: number };
      resolve({
        url: `http://127.0.0.1:${own}`,
        bytes,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}
