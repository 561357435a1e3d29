/** A server in front of a target that takes so many connections at a time, and ends every further one without a word. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Front {
  url: string;
  /** How many connections it has turned away. */
  turnedAway(): number;
  close(): Promise<void>;
}

export async function fewConnections(target: string, most: number): Promise<Front> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let turnedAway = 0;
  const server = createServer((client) => {
    client.on('error', () => {});
    if (open.size >= most) {
      turnedAway += 1;
      return void client.destroy();
    }
    open.add(client);
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => {});
    client.pipe(upstream).pipe(client);
    client.on('close', () => {
      open.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    turnedAway: () => turnedAway,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}
